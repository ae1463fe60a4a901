package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The part of {@link WebSocketContract} about what listeners do inside their callbacks. */
public abstract class WebSocketListenerContract extends WebSocketRaceContract {

  private enum Callback {
    ON_OPEN,
    ON_BINARY,
    ON_TEXT,
    ON_PONG,
    ON_CLOSE
  }

  /** Records, and does something more inside one kind of callback. */
  private static final class Acting extends RecordingListener {
    private final Callback when;
    private final Consumer<WebSocket> action;
    private volatile WebSocket webSocket;

    /** Whether the action runs; no callback may begin then. */
    private volatile boolean acting;

    Acting(Callback when, Consumer<WebSocket> action) {
      this.when = when;
      this.action = action;
    }

    private void act(Callback callback) {
      if (callback == when) {
        acting = true;
        try {
          action.accept(webSocket);
        } finally {
          acting = false;
        }
      }
    }

    private void checkAllowed() {
      if (acting) {
        super.onPong(ByteBuffer.allocate(0)); // is not what the test expects
      }
    }

    @Override
    public void onOpen(WebSocket opened) {
      webSocket = opened;
      super.onOpen(opened);
      act(Callback.ON_OPEN);
    }

    @Override
    public void onBinary(ByteBuffer message) {
      checkAllowed();
      super.onBinary(message);
      act(Callback.ON_BINARY);
    }

    @Override
    public void onText(ByteBuffer message) {
      checkAllowed();
      super.onText(message);
      act(Callback.ON_TEXT);
    }

    @Override
    public void onPong(ByteBuffer data) {
      checkAllowed();
      super.onPong(data);
      act(Callback.ON_PONG);
    }

    @Override
    public void onClose(int code, String reason) {
      checkAllowed();
      super.onClose(code, reason);
      act(Callback.ON_CLOSE);
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void whatIsSentInsideOnOpenArrivesFirst(End end) throws IOException {
    for (int round = 0; round < 20; round++) {
      Acting acting =
          new Acting(
              Callback.ON_OPEN,
              opened -> {
                opened.send(bytes(100, 1), failure -> {});
                opened.sendText(text(100), failure -> {});
              });
      Ends ends = connect(end, acting);
      assertEquals(new Event.Binary(bytes(100, 1)), heardBy(end.peer()).next());
      assertEquals(new Event.Text(text(100)), heardBy(end.peer()).next());
      ends.of(end).abort();
      heardBy(end.peer()).awaitClose();
      heardBy(end.peer()).reset();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void closeInsideOnOpenEndsBoth(End end) throws IOException {
    for (int round = 0; round < 20; round++) {
      Acting acting = new Acting(Callback.ON_OPEN, opened -> opened.close(4000, "at once"));
      connect(end, acting);
      acting.opened();
      assertEquals(4000, acting.next(Event.Close.class).code());
      assertEquals(new Event.Close(4000, "at once"), heardBy(end.peer()).next());
      heardBy(end.peer()).reset();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void abortInsideOnOpenEndsBoth(End end) throws IOException {
    for (int round = 0; round < 20; round++) {
      Acting acting = new Acting(Callback.ON_OPEN, WebSocket::abort);
      WebSocketAcceptor acceptor =
          start(
              upgrade -> end == End.ACCEPTOR ? new Upgrade.Accept(SUBPROTOCOL, acting) : accept());
      // The acceptor's abort may overtake its answer to the upgrade; then the dial fails.
      boolean opens = true;
      try {
        dialer().dial(request(acceptor.address()), end == End.DIALER ? acting : dialed);
      } catch (IOException e) {
        assertEquals(End.ACCEPTOR, end, e::toString);
        opens = false;
      }
      acting.opened();
      assertEquals(1006, acting.next(Event.Close.class).code());
      acting.assertNothingMore();
      if (opens) {
        heardBy(end.peer()).awaitClose();
      }
      heardBy(end.peer()).reset();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void closeInsideOnBinaryEndsBoth(End end) throws IOException {
    Acting acting = new Acting(Callback.ON_BINARY, socket -> socket.close(4000, ""));
    Ends ends = connect(end, acting);
    for (int i = 0; i < 10; i++) {
      ends.of(end.peer()).send(bytes(1_000, i), failure -> {});
    }
    assertEquals(4000, acting.awaitClose().code());
    acting.assertNothingMore();
    assertEquals(4000, heardBy(end.peer()).next(Event.Close.class).code());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void abortInsideACallbackStillCallsOnCloseAfterIt(End end) throws IOException {
    Acting acting = new Acting(Callback.ON_BINARY, WebSocket::abort);
    Ends ends = connect(end, acting);
    for (int i = 0; i < 10; i++) {
      ends.of(end.peer()).send(bytes(1_000, i), failure -> {});
    }
    acting.opened();
    acting.next(Event.Binary.class);
    assertEquals(1006, acting.next(Event.Close.class).code());
    heardBy(end.peer()).awaitClose();
    acting.assertNothingMore();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aListenerMayEchoInsideItsCallback(End end) throws IOException {
    Sends sends = new Sends(connect(end, new Echo()).of(end.peer()));
    for (int i = 0; i < 500; i++) {
      sends.send(bytes(i * 50, i));
    }
    for (int i = 0; i < 500; i++) {
      assertEquals(new Event.Binary(bytes(i * 50, i)), heardBy(end.peer()).next());
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void closeInsideACompletionEndsBoth(End end) throws IOException {
    WebSocket socket = connect().of(end);
    socket.send(bytes(10, 1), failure -> socket.close(4000, ""));
    assertEquals(new Event.Binary(bytes(10, 1)), heardBy(end.peer()).next());
    assertEquals(4000, heardBy(end.peer()).next(Event.Close.class).code());
    assertEquals(4000, heardBy(end).next(Event.Close.class).code());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aCallbackThatThrowsEndsItsWebSocketAndNoOther(End end) throws IOException {
    for (Callback callback : Callback.values()) {
      if (callback != Callback.ON_PONG || !lacks(end, Feature.PING)) {
        assertThrowingEnds(end, callback);
      }
    }
  }

  private void assertThrowingEnds(End end, Callback callback) throws IOException {
    Acting throwing = new Acting(callback, socket -> fail(callback));
    RecordingListener otherAccepted = new RecordingListener();
    RecordingListener otherDialed = new RecordingListener();
    Queue<WebSocketListener> listeners =
        new ConcurrentLinkedQueue<>(
            List.of(otherAccepted, end == End.ACCEPTOR ? throwing : accepted));
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, listeners.remove()));
    WebSocket other = dialer().dial(request(acceptor.address()), otherDialed);
    otherAccepted.opened();
    dialer().dial(request(acceptor.address()), end == End.DIALER ? throwing : dialed);
    WebSocket peer = heardBy(end.peer()).opened();
    throwing.opened();
    provoke(callback, throwing.webSocket, peer);
    int atPeer = heardBy(end.peer()).awaitClose().code();
    assertEquals(callback == Callback.ON_CLOSE ? 1000 : 1011, atPeer, callback::toString);
    if (callback != Callback.ON_OPEN && callback != Callback.ON_CLOSE) {
      throwing.next(); // the one that threw; there was another, which it is not to hear of
    }
    throwing.next(Event.Close.class);
    other.send(bytes(10, 2), failure -> {});
    assertEquals(new Event.Binary(bytes(10, 2)), otherAccepted.next());
    throwing.assertNothingMore();
    heardBy(end.peer()).reset();
  }

  private static void provoke(Callback callback, WebSocket throwing, WebSocket peer) {
    for (int i = 0; i < 2; i++) {
      switch (callback) {
        case ON_OPEN -> {}
        case ON_BINARY -> peer.send(bytes(10, i), failure -> {});
        case ON_TEXT -> peer.sendText(text(10), failure -> {});
        case ON_PONG -> throwing.ping(bytes(1, i));
        case ON_CLOSE -> throwing.close(1000, "");
      }
    }
  }

  /** An exception or an error, which adapters may take for different things. */
  private static void fail(Callback callback) {
    switch (callback) {
      case ON_OPEN, ON_TEXT -> throw new IllegalStateException("deliberate, the test expects it");
      case ON_BINARY, ON_PONG, ON_CLOSE ->
          throw new AssertionError("deliberate, the test expects it");
    }
  }
}
