package io.culvert.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Java service behind an agent, called through the relay by curl and the JDK's client. */
@Timeout(300) // a hang guard
class RelayTest {
  private static final long LARGE = Long.getLong("large.mib", 64) << 20;

  private static JettyUpstream upstream;
  private static Tunnel tunnel;
  private static HttpClient http;

  @BeforeAll
  static void start() throws Exception {
    upstream = new JettyUpstream();
    tunnel = new Tunnel();
    tunnel.agent(upstream.uri().toString());
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() throws Exception {
    tunnel.close();
    upstream.close();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(tunnel.uri(path)).version(HttpClient.Version.HTTP_1_1);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void curlReachesTheServiceByItsHostName() throws Exception {
    assertEquals("hello\n", Program.curl(tunnel.publicUrl("/hello")));
  }

  @Test
  void theServiceSeesWhoAskedAndForWhat() throws Exception {
    String head = Program.curl("-H", "X-Forwarded-For: 6.6.6.6", tunnel.publicUrl("/head"));

    assertTrue(head.contains("Host: pets.localhost:" + tunnel.port()), head);
    assertTrue(head.contains("X-Forwarded-For: 127.0.0.1"), head);
    assertTrue(head.contains("X-Forwarded-Proto: http"), head);
    assertTrue(!head.contains("6.6.6.6"), head);
  }

  @Test
  void largeBodiesArriveWholeInBothDirections() throws Exception {
    String expected = Bytes.digest(new Bytes(LARGE));

    HttpResponse<InputStream> down =
        http.send(
            request("/bytes?length=" + LARGE).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(expected, Bytes.digest(down.body()));
    HttpResponse<String> up =
        http.send(
            request("/digest")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new Bytes(LARGE)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(expected, up.body());
  }

  @Test
  void eachEventArrivesBeforeTheNextIsMade() throws Exception {
    HttpResponse<InputStream> response =
        http.send(request("/events").build(), HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
      for (int i = 0; i < 100; i++) {
        upstream.events.add("event " + i);
        assertEquals("data: event " + i, lines.readLine());
        assertEquals("", lines.readLine());
      }
      upstream.events.add("");
    }
  }

  @Test
  void aWebSocketOfTheServiceIsReached() throws Exception {
    Heard heard = new Heard();
    WebSocket socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + tunnel.port() + "/socket"), heard)
            .get(30, TimeUnit.SECONDS);
    for (int i = 0; i < 1000; i++) {
      socket.sendText("message " + i, true).get(30, TimeUnit.SECONDS);
      assertEquals("message " + i, heard.texts.poll(30, TimeUnit.SECONDS));
    }
    byte[] large = new Bytes(500_000).readAllBytes();
    socket.sendBinary(ByteBuffer.wrap(large), true).get(30, TimeUnit.SECONDS);
    assertArrayEquals(large, heard.binaries.poll(30, TimeUnit.SECONDS));
    socket.sendClose(4321, "enough").get(30, TimeUnit.SECONDS);
    assertEquals(4321, heard.closed.get(30, TimeUnit.SECONDS));
  }

  @Test
  void trailersPassInBothDirections() throws Exception {
    try (Socket socket = tunnel.socket()) {
      String request =
          """
          POST /trailers HTTP/1.1
          Host: pets.localhost
          Transfer-Encoding: chunked
          TE: trailers
          Trailer: checksum
          Connection: TE

          3
          abc
          0
          checksum: 17

          """;
      socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(UTF_8));
      String answer = readUntil(socket.getInputStream(), "seen:");
      assertTrue(answer.contains("checksum=17"), answer);
    }
  }

  private static String readUntil(InputStream in, String last) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(last) < 0 || text.indexOf("\r\n\r\n", text.indexOf(last)) < 0) {
      int b = in.read();
      if (b < 0) {
        break;
      }
      text.append((char) b);
    }
    return text.toString();
  }

  @Test
  void theServiceHearsThatTheClientHasGone() throws Exception {
    // Jetty as a service would not look before it writes.
    try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Tunnel raw = new Tunnel()) {
      // The first connection is to be the request's, not a check's.
      raw.agent("http://127.0.0.1:" + service.getLocalPort(), "--health", "0");
      Socket served;
      try (Socket client = raw.socket()) {
        client
            .getOutputStream()
            .write("GET /hang HTTP/1.1\r\nHost: pets.localhost\r\n\r\n".getBytes(UTF_8));
        served = service.accept();
        assertTrue(readUntil(served.getInputStream(), "GET").startsWith("GET /hang"));
      }
      served.setSoTimeout(30_000);
      assertTrue(ended(served));
      served.close();
    }
  }

  /** Whether no more comes: an end or a reset. */
  private static boolean ended(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  @Test
  void aResponseThatWasCutShortIsNeverTakenForWhole() {
    assertThrows(IOException.class, () -> get("/half"));
  }

  @Test
  void http2FromOutside() throws Exception {
    String answer =
        Program.curl(
            "--http2-prior-knowledge", "-w", " %{http_version}", tunnel.publicUrl("/hello"));
    assertEquals("hello\n 2", answer);
  }

  @Test
  void manyAtOnce() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(
          http.sendAsync(
              request("/echo").POST(HttpRequest.BodyPublishers.ofString("body " + i)).build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    for (int i = 0; i < 500; i++) {
      assertEquals("body " + i, answers.get(i).get(60, TimeUnit.SECONDS).body());
    }
  }

  @Test
  void aNameThatNobodyServesIsSaidSo() throws Exception {
    String answer =
        Program.curl("-w", " %{http_code}", "http://nobody.localhost:" + tunnel.port() + "/hello");
    assertTrue(answer.endsWith(" 404"), answer);
    assertTrue(answer.contains("\"hop\":\"relay\""), answer);
    assertTrue(answer.contains("\"delivered\":\"no\""), answer);
  }

  /** What a WebSocket's client has heard. */
  private static final class Heard implements WebSocket.Listener {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> binaries = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        texts.add(text.toString());
        text.setLength(0);
      }
      return WebSocket.Listener.super.onText(socket, data, last);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      binary.writeBytes(bytes);
      if (last) {
        binaries.add(binary.toByteArray());
        binary.reset();
      }
      return WebSocket.Listener.super.onBinary(socket, data, last);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code);
      return null;
    }
  }
}
