package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.swaggersocket.ServiceServlet;
import io.culvert.testkit.swaggersocket.SwaggerListener;
import io.culvert.testkit.swaggersocket.SwaggerPeer;
import io.culvert.testkit.swaggersocket.Transcript;
import io.culvert.testkit.swaggersocket.Transcript.Kind;
import io.culvert.testkit.swaggersocket.Transcript.Part;
import io.culvert.testkit.swaggersocket.Transcript.Step;
import io.culvert.testkit.swaggersocket.TranscriptService;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The transcripts of swaggersocket, played by the scripted peer against a server and a client. */
@Timeout(60)
class SwaggerTranscriptTest {

  /** Which side the product is. */
  enum Role {
    ACCEPTOR,
    DIALER
  }

  private final List<AutoCloseable> resources = new ArrayList<>();
  private final BlockingQueue<ConnectionEvent> events = new LinkedBlockingQueue<>();
  private SwaggerPeer peer;
  private SocketConnection connection;

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (peer != null) {
      peer.cut();
    }
    for (int i = resources.size() - 1; i >= 0; i--) {
      resources.get(i).close();
    }
    Await.noThreads("culvert-");
  }

  /** Connects, the handshake being played from its transcript. */
  private void connect(Role role, String handshake) throws Exception {
    Transcript transcript = Transcript.load(handshake);
    if (role == Role.ACCEPTOR) {
      TunnelServer server = Setup.server().swaggerSocket(true).build();
      resources.add(server);
      server.events().listen(events::add);
      BlockingQueue<SocketConnection> arrivals = new LinkedBlockingQueue<>();
      server.onConnection(arrivals::add);
      server.start();
      peer = SwaggerPeer.dial(server.uri());
      transcript.play(peer, Part.LEFT);
      connection = arrivals.poll(30, TimeUnit.SECONDS);
    } else {
      SwaggerListener listener = SwaggerPeer.listen();
      resources.add(listener);
      CompletableFuture<SocketConnection> dialing =
          Setup.async(
              () ->
                  Setup.client(listener.address())
                      .swaggerSocket(true)
                      .reconnectOff()
                      .onEvent(events::add)
                      .build()
                      .connect());
      peer = listener.accept();
      transcript.play(peer, Part.RIGHT);
      connection = dialing.get(30, TimeUnit.SECONDS);
      resources.add(connection::abort);
    }
    assertEquals(ConnectionEvent.Type.RECEIVED, events.poll(30, TimeUnit.SECONDS).type());
  }

  private static Stream<Arguments> exchanges(Part scripted) {
    return Transcript.NAMES.stream()
        .map(Transcript::load)
        .filter(transcript -> transcript.canPlay(scripted))
        .filter(transcript -> transcript.steps().get(0).kind() == Kind.HTTP)
        .flatMap(
            transcript -> Stream.of(Role.values()).map(role -> Arguments.of(transcript, role)));
  }

  static Stream<Arguments> callsOfThePeer() {
    return exchanges(Part.LEFT);
  }

  static Stream<Arguments> callsOfTheProduct() {
    return exchanges(Part.RIGHT);
  }

  @ParameterizedTest
  @MethodSource("callsOfThePeer")
  void whatThePeerCallsIsServed(Transcript transcript, Role role) throws Exception {
    connect(role, "handshake");
    connection.serve(new ServiceServlet(new TranscriptService()));
    transcript.play(peer, Part.LEFT);
  }

  @ParameterizedTest
  @MethodSource("callsOfTheProduct")
  void whatIsCalledIsWhatThePeerServes(Transcript transcript, Role role) throws Exception {
    connect(role, "handshake");
    CompletableFuture<List<String>> calling = Setup.async(() -> call(transcript));
    transcript.play(peer, Part.RIGHT);
    assertEquals(bodies(transcript), calling.get(30, TimeUnit.SECONDS));
  }

  /** Makes the calls of the left side, one after the other. */
  private List<String> call(Transcript transcript) throws Exception {
    OkHttpClient http = Setup.http(connection);
    List<String> bodies = new ArrayList<>();
    for (Step step : transcript.steps()) {
      if (step.speaker() == Part.LEFT) {
        try (Response response = http.newCall(request(step.content())).execute()) {
          bodies.add(new String(response.body().bytes(), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return bodies;
  }

  private static Request request(String message) {
    int end = message.indexOf("\r\n\r\n");
    String head = message.substring(0, end);
    String body = message.substring(end + 4);
    String[] line = head.split(" ", 3);
    Request.Builder request = new Request.Builder().url("http://localhost:9090" + line[1]);
    if (head.contains("Transfer-Encoding")) {
      return request.method(line[0], ofUnknownLength(body.split("\r\n", -1)[1])).build();
    }
    return request.method(line[0], body.isEmpty() ? null : body(body)).build();
  }

  private static final MediaType BYTES = MediaType.get("application/octet-stream");

  private static RequestBody body(String content) {
    return RequestBody.create(content.getBytes(StandardCharsets.ISO_8859_1), BYTES);
  }

  private static RequestBody ofUnknownLength(String content) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return BYTES;
      }

      @Override
      public void writeTo(BufferedSink sink) throws java.io.IOException {
        sink.writeString(content, StandardCharsets.ISO_8859_1);
      }
    };
  }

  /** What the bodies of the right side's responses are, without HTTP's framing. */
  private static List<String> bodies(Transcript transcript) {
    List<String> bodies = new ArrayList<>();
    for (Step step : transcript.steps()) {
      if (step.speaker() == Part.LEFT) {
        bodies.add("");
      } else if (!step.content().isEmpty()) {
        int last = bodies.size() - 1;
        bodies.set(last, bodies.get(last) + unframed(step));
      }
    }
    return bodies;
  }

  private static String unframed(Step step) {
    boolean hasHead = step.kind() == Kind.HTTP;
    int end = hasHead ? step.content().indexOf("\r\n\r\n") + 4 : 0;
    String body = step.content().substring(end);
    boolean chunked = !hasHead || step.content().substring(0, end).contains("chunked");
    return chunked && !body.isEmpty() ? body.split("\r\n", -1)[1].replaceAll("X-.*", "") : body;
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void aPingIsAnswered(Role role) throws Exception {
    connect(role, "handshake");
    Transcript.load("ping").play(peer, Part.LEFT);
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void aCloseWithoutACodeIsAnOrderlyEnd(Role role) throws Exception {
    connect(role, "handshake");
    Transcript.load("close").play(peer, Part.LEFT);
    assertEquals(ConnectionEvent.Type.CLOSED, events.poll(30, TimeUnit.SECONDS).type());
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void aCutIsAFailure(Role role) throws Exception {
    connect(role, "handshake");
    Transcript.load("cut").play(peer, Part.LEFT);
    assertEquals(ConnectionEvent.Type.FAILED, events.poll(30, TimeUnit.SECONDS).type());
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void aCloseReachesThePeerAsAFrame(Role role) throws Exception {
    connect(role, "handshake");
    CompletableFuture<Void> closing =
        Setup.async(
            () -> {
              connection.close();
              return null;
            });
    Transcript.load("close").play(peer, Part.RIGHT);
    closing.get(30, TimeUnit.SECONDS);
    assertEquals(ConnectionEvent.Type.CLOSED, events.poll(30, TimeUnit.SECONDS).type());
  }

  @Test
  void theMetadataOfADialerAreAnyJson() throws Exception {
    connect(Role.ACCEPTOR, "handshake-metadata");
    assertEquals("a<b>&c", connection.metadata().get("device"));
    assertEquals("[1,2.5,true,null]", connection.metadata().get("list"));
    assertEquals("\u00e4", connection.metadata().get("name"));
    assertTrue(connection.id().matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-.{17}"));
  }
}
