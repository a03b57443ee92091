(function () {
  "use strict";
  var bar = document.querySelector(".filter");
  if (!bar) { return; }
  bar.hidden = false;
  var buttons = Array.prototype.slice.call(bar.querySelectorAll("button"));
  var text = document.getElementById("text"), shown = document.getElementById("shown");
  var features = Array.prototype.slice.call(document.querySelectorAll(".feature"));
  var state = "";
  function apply() {
    var words = text.value.trim().toLowerCase(), count = 0;
    features.forEach(function (feature) {
      var heading = feature.querySelector("h3").textContent.toLowerCase(), any = false;
      feature.querySelectorAll(".scenario").forEach(function (s) {
        var fits = (!state || s.dataset.state === state) &&
          (!words || heading.indexOf(words) >= 0 || s.querySelector("summary").textContent.toLowerCase().indexOf(words) >= 0);
        s.hidden = !fits;
        any = any || fits;
        count += fits ? 1 : 0;
      });
      feature.hidden = !any;
    });
    shown.textContent = count === 1 ? "1 scenario" : count + " scenarios";
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () {
      state = button.dataset.show;
      buttons.forEach(function (b) { b.setAttribute("aria-pressed", String(b === button)); });
      apply();
    });
  });
  text.addEventListener("input", apply);
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (d) { d.open = false; }); });
  apply();
})();
