package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** WebSockets of the JDK's client, through a relay and an agent, to Jetty's server. */
@Timeout(60)
class RelayWebSocketTest {
  /** What the service has seen of an end: a code, or 1006 for none. */
  private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();

  private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
  private ServedRelay relay;

  @BeforeEach
  void start() throws Exception {
    relay = new ServedRelay();
    WebSocketUpgradeHandler service = new WebSocketUpgradeHandler();
    service.addMapping("/echo", new Echoes());
    service.setHandler(new Refusing());
    relay.serve(false, service);
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
  }

  private final class Echoes extends WebSocketNegotiator.AbstractNegotiator {
    @Override
    public FrameHandler negotiate(
        ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
      return new Echo();
    }
  }

  private static final class Refusing extends org.eclipse.jetty.server.Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Response.writeError(request, response, callback, 403);
      return true;
    }
  }

  /** Sends back what comes; ends the connection when it is told to. */
  private final class Echo implements FrameHandler {
    private CoreSession session;

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
      session = opened;
      callback.succeeded();
      session.demand();
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
      if (frame.getOpCode() == OpCode.TEXT && frame.getPayloadAsUTF8().equals("cut")) {
        session.abort();
        callback.succeeded();
      } else if (frame.getOpCode() == OpCode.TEXT && frame.getPayloadAsUTF8().equals("close")) {
        session.close(4002, "as you like", callback);
        session.demand();
      } else if (frame.isDataFrame()) {
        session.sendFrame(
            new Frame(frame.getOpCode(), frame.isFin(), BufferUtil.copy(frame.getPayload())),
            Callback.from(
                () -> {
                  callback.succeeded();
                  session.demand();
                },
                callback::failed),
            false);
      } else {
        callback.succeeded();
        session.demand();
      }
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
      callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
      closed.add(status.getCode());
      callback.succeeded();
    }
  }

  /** Whole messages, and at last the code of the end or what has failed. */
  private final class Collecting implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private ByteBuffer bytes = ByteBuffer.allocate(1 << 20);

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      bytes.put(data);
      if (last) {
        received.add(bytes.flip());
        bytes = ByteBuffer.allocate(1 << 20);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      received.add(code);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      received.add(error);
    }
  }

  private WebSocket open(String path) {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(relay.uri("ws", path), new Collecting())
        .join();
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(30, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing has come");
    return next;
  }

  @Test
  void textComesBack() throws Exception {
    WebSocket socket = open("/echo");
    socket.sendText("grüezi", true).join();
    assertEquals("grüezi", next(received));
    socket.abort();
  }

  @Test
  void aLargeMessageComesBackWhole() throws Exception {
    byte[] bytes = new byte[500_000];
    new Random(1).nextBytes(bytes);
    WebSocket socket = open("/echo");
    // In pieces: the service takes frames of at most 64 KiB.
    for (int at = 0; at < bytes.length; at += 50_000) {
      ByteBuffer piece = ByteBuffer.wrap(bytes, at, 50_000);
      socket.sendBinary(piece, at + 50_000 == bytes.length).join();
    }
    assertEquals(ByteBuffer.wrap(bytes), next(received));
    socket.abort();
  }

  @Test
  void aThousandMessagesGoToAndFroInLockStep() throws Exception {
    WebSocket socket = open("/echo");
    for (int i = 0; i < 1_000; i++) {
      socket.sendText("message " + i, true).join();
      assertEquals("message " + i, next(received));
    }
    socket.abort();
  }

  @Test
  void theClientsCloseCodeReachesTheServiceAndIsAnswered() throws Exception {
    WebSocket socket = open("/echo");
    socket.sendClose(4001, "enough").join();
    assertEquals(4001, next(closed));
    assertEquals(4001, next(received));
  }

  @Test
  void theServicesCloseCodeReachesTheClient() throws Exception {
    WebSocket socket = open("/echo");
    socket.sendText("close", true).join();
    assertEquals(4002, next(received));
  }

  @Test
  void aClientThatIsCutIsCutForTheService() throws Exception {
    WebSocket socket = open("/echo");
    socket.sendText("there", true).join();
    assertEquals("there", next(received));
    socket.abort();
    assertEquals(1006, next(closed));
  }

  @Test
  void aServiceThatIsCutIsCutForTheClient() throws Exception {
    WebSocket socket = open("/echo");
    socket.sendText("cut", true).join();
    Object end = next(received);
    assertTrue(end instanceof Throwable || end.equals(1006), "the end was " + end);
  }

  @Test
  void aRefusedUpgradeIsAnAnswerLikeAnyOther() throws Exception {
    CompletionException refused = assertThrows(CompletionException.class, () -> open("/other"));
    WebSocketHandshakeException why =
        assertInstanceOf(WebSocketHandshakeException.class, refused.getCause());
    assertEquals(403, why.getResponse().statusCode());
    assertEquals(403, relay.record().status());
  }
}
