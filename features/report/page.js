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
          (!words || heading.indexOf(words) >= 0 || (s.querySelector("summary") || s).textContent.toLowerCase().indexOf(words) >= 0);
        s.hidden = !fits;
        any = any || fits;
        count += fits ? 1 : 0;
      });
      feature.hidden = !any;
    });
    var kept = new URLSearchParams();
    if (state) { kept.set("show", state); }
    if (words) { kept.set("text", text.value.trim()); }
    if (state || words || /(show|text)=/.test(location.hash)) { history.replaceState(null, "", kept.size ? "#" + kept : location.pathname + location.search); }
    shown.textContent = count === 1 ? "1 scenario" : count + " scenarios";
  }
  function show(wanted) {
    state = wanted;
    buttons.forEach(function (b) { b.setAttribute("aria-pressed", String(b.dataset.show === wanted)); });
    apply();
  }
  buttons.forEach(function (button) { button.addEventListener("click", function () { show(button.dataset.show); }); });
  text.addEventListener("input", apply);
  // The address has the filter, so that it can be sent on; an address of a failure opens it.
  function follow() {
    var failure = document.getElementById(location.hash.slice(1));
    if (failure && failure.tagName === "DETAILS") { failure.open = true; failure.scrollIntoView(); }
    var kept = new URLSearchParams(location.hash.slice(1));
    text.value = kept.get("text") || "";
    show(buttons.some(function (b) { return b.dataset.show === kept.get("show"); }) ? kept.get("show") : "");
  }
  window.addEventListener("hashchange", follow);
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (d) { d.open = false; }); });
  follow();
})();
