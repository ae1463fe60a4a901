package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.servlet.TunnelConnector;
import io.culvert.testkit.Await;
import io.culvert.testkit.TestCertificates;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a servlet learns about the connection that its request came through. */
@Timeout(60)
class RequestIdentityTest {
  @TempDir Path directory;

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  @Test
  void aClearLinkIsNotSecureAndTheRequestNamesTheOtherEnd() throws Exception {
    try (TunnelServer server = start(Setup.server());
        SocketConnection dialed = Setup.client(server).metadata("app", "who").build().connect()) {
      assertBothSidesKnowTheirCaller(server, dialed, false);
    }
  }

  @Test
  void aLinkWithTlsMakesHttpRequestsSecure() throws Exception {
    TestCertificates own = TestCertificates.forLoopback(directory);
    try (TunnelServer server = start(Setup.server().tls(own.certificate(), own.privateKey()));
        SocketConnection dialed =
            TunnelClient.builder("wss://localhost:" + server.address().getPort())
                .trust(own.certificate())
                .metadata("app", "who")
                .build()
                .connect()) {
      assertBothSidesKnowTheirCaller(server, dialed, true);
    }
  }

  private static TunnelServer start(TunnelServer.Builder builder) throws Exception {
    TunnelServer server = builder.build();
    server.onConnection(connection -> connection.serve(who()));
    return server.start();
  }

  private static void assertBothSidesKnowTheirCaller(
      TunnelServer server, SocketConnection dialed, boolean secure) throws Exception {
    dialed.serve(who());
    Await.until("the server has it", () -> server.connection(dialed.id()).isPresent());
    SocketConnection accepted = server.connection(dialed.id()).orElseThrow();
    for (SocketConnection caller : List.of(dialed, accepted)) {
      InetSocketAddress address = (InetSocketAddress) caller.localAddress();
      String expected =
          String.join(
              " ",
              dialed.id(),
              "true",
              "{app=who}",
              address.getAddress().getHostAddress(),
              String.valueOf(address.getPort()),
              String.valueOf(secure));
      assertEquals(expected + " http", ask(caller, "http"));
      assertEquals(expected.replace("false", "true") + " https", ask(caller, "https"));
    }
  }

  private static String ask(SocketConnection caller, String scheme) throws Exception {
    Request request = new Request.Builder().url(scheme + "://pets/").build();
    try (Response response = Setup.http(caller).newCall(request).execute()) {
      return response.body().string();
    }
  }

  private static TestServlet who() {
    return new TestServlet(
        (request, response) ->
            response
                .getWriter()
                .print(
                    String.join(
                        " ",
                        String.valueOf(request.getAttribute(TunnelConnector.CONNECTION_ID)),
                        String.valueOf(request.getAttribute(TunnelConnector.VIA_TUNNEL)),
                        String.valueOf(request.getAttribute(TunnelConnector.METADATA)),
                        request.getRemoteAddr(),
                        String.valueOf(request.getRemotePort()),
                        String.valueOf(request.isSecure()),
                        request.getScheme())));
  }
}
