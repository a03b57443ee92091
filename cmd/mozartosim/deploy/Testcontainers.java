// A merchant's test that starts the simulator by itself, with Testcontainers for Java and JUnit 5.
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

@Testcontainers
class PaymentsTest {
  private static final String ADMIN_TOKEN = "for-tests-only-change-me";

  @Container
  static final GenericContainer<?> MOZARTOSIM =
      new GenericContainer<>(DockerImageName.parse("mozartosim"))
          .withExposedPorts(8080, 8081)
          .withExtraHost("host.docker.internal", "host-gateway") // where the merchant's own webhook handler listens
          .withEnv("MOZARTOSIM_ADMIN_TOKEN", ADMIN_TOKEN)
          .withEnv("MOZARTOSIM_CLOCK", "manual")
          .withEnv("MOZARTOSIM_WEBHOOK_URL", "http://host.docker.internal:3000/webhooks/mozarto")
          .waitingFor(Wait.forHttp("/readyz").forPort(8081));

  private static String at(int port) { return "http://" + MOZARTOSIM.getHost() + ":" + MOZARTOSIM.getMappedPort(port); }

  private static String admin(String method, String path, String body) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(at(8081) + "/v1/" + path)).header("Authorization", "Bearer " + ADMIN_TOKEN)
        .header("Content-Type", "application/json").method(method, HttpRequest.BodyPublishers.ofString(body)).build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode());
    return answer.body();
  }

  @BeforeAll
  static void tellItsPort() throws Exception { // it can't see at which port it is mapped
    admin("PUT", "public-url", "{\"url\": \"" + at(8080) + "\"}");
  }

  @Test
  void yourSystemIsToldWhereToCall() throws Exception {
    assertTrue(admin("POST", "companies/demo/tokens", "{}").contains(at(8080) + "/v1/api/mozarto/cashier"));
  }
}
