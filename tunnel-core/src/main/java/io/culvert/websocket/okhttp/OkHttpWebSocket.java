package io.culvert.websocket.okhttp;

import io.culvert.websocket.ControlFrames;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenerCalls;
import io.culvert.websocket.SendQueue;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okio.ByteString;
import okio.Sink;
import okio.Socket;
import okio.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An upgraded socket, for OkHttp the {@link Socket} and for the application the {@link WebSocket}.
 *
 * <p>Callbacks run on OkHttp's reader, which only this WebSocket has; the end may run on its
 * writer. Completions run on the writer, or on the thread that sends, aborts or closes.
 */
final class OkHttpWebSocket implements WebSocket, Socket, FrameSource.Owner {
  private static final Logger log = LoggerFactory.getLogger(OkHttpWebSocket.class);

  /** How long the peer may take to answer a close frame. */
  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /**
   * OkHttp ends a WebSocket for which more than 16 MiB wait. It counts a message until a little
   * after it was written, when the next may be waiting already; so two must fit, and some pings.
   */
  static final int MAX_SENT_BYTES = 7 << 20;

  /** So many waiting pings are a sign that the peer does not read, and another would be none. */
  private static final int MAX_WAITING_PINGS = 8_000;

  private static final int NO_CODE = 1005;

  /**
   * How it ended, for the listener.
   *
   * @param ours this side's fault or complaint: told when our close frame is written
   */
  private record End(int code, String reason, boolean ours) {
    static End broken(String reason) {
      return new End(1006, reason, true);
    }
  }

  private final Gate gate = new Gate();
  private final Socket socket;
  private final FrameSource source;
  private final FrameSink sink;
  private final String subprotocol;
  private final boolean secure;
  private final SocketAddress localAddress;
  private final SocketAddress remoteAddress;
  private final ListenerCalls calls;
  private final SendQueue sends = new SendQueue(this::write);

  /** Set before anything is read or written. */
  private volatile okhttp3.WebSocket webSocket;

  /** Null while nothing has ended it. */
  private final AtomicReference<End> end = new AtomicReference<>();

  /** Why this side dropped the socket; null if it has not. */
  private final AtomicReference<String> dropped = new AtomicReference<>();

  /** OkHttp reads no more, so it may not notice that the socket was dropped. */
  private volatile boolean readerDone;

  /** Done when OkHttp is done with the socket. */
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  OkHttpWebSocket(
      Socket socket,
      DialRequest request,
      SocketAddress localAddress,
      SocketAddress remoteAddress,
      WebSocketListener listener) {
    this.socket = socket;
    this.source = new FrameSource(socket.getSource(), request.maxMessageBytes(), gate, this);
    this.sink = new FrameSink(socket.getSink(), this::onCloseWritten);
    this.subprotocol = request.subprotocol();
    this.secure = request.secure();
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    this.calls = new ListenerCalls(listener, this::listenerFailed);
  }

  @Override
  public Source getSource() {
    return source;
  }

  @Override
  public Sink getSink() {
    return sink;
  }

  @Override
  public void cancel() {
    socket.cancel();
  }

  /** To be the first call of the reader. */
  void open(okhttp3.WebSocket opened) {
    webSocket = opened;
    calls.open(this);
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    send(false, message, completion);
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    send(true, message, completion);
  }

  private void send(boolean text, ByteBuffer message, Completion completion) {
    if (message.remaining() > MAX_SENT_BYTES) {
      completion.written(
          new IOException(
              "OkHttp sends at most "
                  + MAX_SENT_BYTES
                  + " bytes in a message, not "
                  + message.remaining()));
    } else {
      sends.add(text, message, logged(completion));
    }
  }

  /** The queue would not recover from one that throws. */
  private static Completion logged(Completion completion) {
    Objects.requireNonNull(completion, "completion");
    return failure -> {
      try {
        completion.written(failure);
      } catch (RuntimeException | Error e) {
        log.error("a completion failed", e);
      }
    };
  }

  private void write(boolean text, ByteBuffer message, Completion written) {
    ByteString data = ByteString.of(message.duplicate());
    if (!sink.send(webSocket, text ? FrameHead.TEXT : FrameHead.BINARY, data, written)) {
      written.written(new IOException("the WebSocket is closed"));
    }
  }

  /** Beside the queue of messages, so that a ping waits for one of them at most. */
  @Override
  public void ping(ByteBuffer data) {
    ControlFrames.checkPing(data);
    if (sink.waiting() < MAX_WAITING_PINGS) {
      sink.send(webSocket, FrameHead.PING, ByteString.of(data.duplicate()), failure -> {});
    }
  }

  @Override
  public void pause() {
    gate.shut();
  }

  @Override
  public void resume() {
    gate.open();
  }

  @Override
  public void close(int code, String reason) {
    ControlFrames.checkClose(code, reason);
    closeSoon(code, reason);
  }

  /** Closes when all is written, within a bound; false if that had begun before. */
  private boolean closeSoon(int code, String reason) {
    if (!sends.last(() -> webSocket.close(code, reason))) {
      return false;
    }
    CompletableFuture<Void> unused =
        over.copy()
            .orTimeout(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
            .exceptionally(
                timeout -> {
                  drop("no answer to the close frame within " + CLOSE_TIMEOUT.toSeconds() + " s");
                  return null;
                });
    return true;
  }

  @Override
  public void abort() {
    end.set(End.broken("the WebSocket was aborted"));
    drop("the WebSocket was aborted");
    sends.end(new IOException("the WebSocket was aborted"));
  }

  /** OkHttp tells when it has noticed, unless it has read the peer's close frame already. */
  private void drop(String why) {
    dropped.compareAndSet(null, why);
    gate.openForEver();
    webSocket.cancel();
    if (readerDone) {
      finish();
    }
  }

  /** A message, from OkHttp's reader. */
  void onMessage(ByteString message) {
    if (end.get() != null) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(message.toByteArray());
    if (source.text()) {
      calls.text(bytes);
    } else {
      calls.binary(bytes);
    }
  }

  @Override
  public void onPong(ByteBuffer data) {
    if (end.get() == null) {
      calls.pong(data);
    }
  }

  @Override
  public void onTooLong() {
    fail(1009, "a message is longer than this side allows");
  }

  private void listenerFailed(Throwable e) {
    log.error("a WebSocket listener failed, its WebSocket is closed", e);
    fail(1011, "internal error");
  }

  /** Closes because of what the peer sent or of our own failure; its answer is not awaited. */
  private void fail(int code, String reason) {
    if (end.compareAndSet(null, new End(code, reason, true))) {
      gate.openForEver();
      if (!closeSoon(code, reason)) {
        report();
      }
    }
  }

  private void onCloseWritten() {
    End known = end.get();
    if (known != null && known.ours) {
      report();
    }
  }

  /** The peer's close frame, from OkHttp's reader, which reads no more. */
  void onClosing(int code, String reason) {
    end.compareAndSet(null, new End(code, reason, false));
    closeSoon(code == NO_CODE ? 1000 : code, "");
    readerDone = true;
    if (dropped.get() != null) {
      finish();
    }
  }

  /** Both close frames have passed. */
  void onClosed() {
    finish();
  }

  /** The socket broke, here or at OkHttp's discretion. */
  void onFailure(Throwable failure) {
    String why = dropped.get();
    if (why != null) {
      end.compareAndSet(null, End.broken(why));
    } else if (failure instanceof ProtocolException) {
      end.compareAndSet(null, new End(1002, String.valueOf(failure.getMessage()), true));
    } else {
      end.compareAndSet(null, End.broken(reason(failure)));
    }
    finish();
  }

  private void finish() {
    report();
    over.complete(null);
  }

  private static String reason(Throwable failure) {
    if (failure instanceof EOFException) {
      return "the peer closed the socket";
    }
    // Some of the JDK's exceptions say what happened by their type alone.
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  private void report() {
    End known = end.get();
    gate.openForEver();
    sends.end(new IOException("the WebSocket is closed: " + known.reason));
    calls.close(known.code, known.reason);
  }

  @Override
  public String subprotocol() {
    return subprotocol;
  }

  @Override
  public SocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public SocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public boolean secure() {
    return secure;
  }

  /** OkHttp's own WebSocket, which takes text for binary here: send by the port. */
  @Override
  public Object underlying() {
    return webSocket;
  }
}
