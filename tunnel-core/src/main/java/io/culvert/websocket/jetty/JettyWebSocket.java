package io.culvert.websocket.jetty;

import io.culvert.websocket.ControlFrames;
import io.culvert.websocket.ListenerCalls;
import io.culvert.websocket.SendQueue;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.exception.MessageTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One WebSocket: the library's session on one side, the port's listener on the other. */
final class JettyWebSocket implements WebSocket, FrameHandler {
  private static final Logger log = LoggerFactory.getLogger(JettyWebSocket.class);

  /** How long the peer may take to answer a close frame. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** The largest buffer that Jetty's pools keep. */
  private static final int INPUT_BUFFER_BYTES = 64 * 1024;

  /** Where it came from. Its methods are called once each, on threads of Jetty. */
  interface Owner {
    /** The upgrade is done. If false, nobody wants it any more, and its listener hears nothing. */
    boolean opening(JettyWebSocket webSocket);

    /** The listener's {@code onOpen} has run. */
    void opened(JettyWebSocket webSocket);

    /** The socket has ended, and the listener was told. Also after a false {@link #opening}. */
    void ended(JettyWebSocket webSocket);
  }

  private record End(int code, String reason) {
    End {
      reason = reason == null ? "" : reason;
    }
  }

  private final Owner owner;
  private final int maxMessageBytes;
  private final ListenerCalls calls;
  private final Deadline closing;
  private final SendQueue sends = new SendQueue(this::write);

  // Set in onOpen, before anybody else knows this WebSocket.
  private WebSocketCoreSession session;
  private Incoming incoming;
  private Received received;
  private SocketAddress remoteAddress;
  private SocketAddress localAddress;
  private boolean secure;

  // All below is guarded by this.

  /** The listener has heard of it, or is about to. */
  private boolean told;

  /** What to report at the end; null until a close frame or a failure has decided it. */
  private End end;

  private boolean aborted;
  private boolean finished;

  /** Our close frame was written, or never will be. */
  private boolean closeWritten;

  /** Completes the peer's close frame, and with it the session; null if there is nothing to. */
  private Callback peersClose;

  JettyWebSocket(
      WebSocketListener listener, int maxMessageBytes, Scheduler scheduler, Owner owner) {
    this.owner = owner;
    this.maxMessageBytes = maxMessageBytes;
    this.closing = new Deadline(scheduler);
    this.calls = new ListenerCalls(listener, this::listenerFailed);
  }

  /** What the library's sessions are to be like. */
  static void configure(Configuration session) {
    session.setIdleTimeout(Duration.ZERO); // none: heartbeats are the affair of those above
    session.setInputBufferSize(INPUT_BUFFER_BYTES);
    // Without a limit nothing that is sent is fragmented. Frames that arrive may then come in parts
    // as they arrive, which spares a copy, and Assembly keeps the limit of messages.
    session.setMaxFrameSize(0);
    session.setAutoFragment(true);
  }

  @Override
  public void onOpen(CoreSession coreSession, Callback callback) {
    session = (WebSocketCoreSession) coreSession;
    incoming = new Incoming(session, this::onArrived);
    received = new Received(calls, maxMessageBytes, session);
    EndPoint endPoint = session.getConnection().getEndPoint();
    remoteAddress = endPoint.getRemoteSocketAddress();
    localAddress = endPoint.getLocalSocketAddress();
    secure = endPoint.isSecure();
    callback.succeeded();
    if (!owner.opening(this)) {
      session.abort();
      return;
    }
    synchronized (this) {
      if (finished) {
        return;
      }
      told = true;
    }
    calls.open(this);
    owner.opened(this);
    incoming.start();
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    incoming.onFrame(frame, callback);
  }

  private void onArrived(Frame frame, Callback callback) {
    if (frame.getOpCode() == OpCode.CLOSE) {
      onCloseFrame(CloseStatus.getCloseStatus(frame), callback);
      return;
    }
    try {
      if (heeded()) {
        received.onFrame(frame);
      }
    } catch (MessageTooLargeException e) {
      fail(e.getStatusCode(), e.getMessage());
    } catch (RuntimeException | Error e) {
      listenerFailed(e);
    } finally {
      callback.succeeded();
    }
  }

  private synchronized boolean heeded() {
    return end == null && !aborted;
  }

  private void onCloseFrame(CloseStatus status, Callback callback) {
    synchronized (this) {
      if (end == null) {
        end = new End(status.getCode(), status.getReason());
      }
      peersClose = callback;
    }
    // Unless ours went first, or is about to.
    sends.last(() -> sendClose(status.getCode(), ""));
    bound("the peer does not take the answer to its close frame");
    completeClose();
  }

  private void sendClose(int code, String reason) {
    session.sendFrame(
        new CloseFrame(code, reason),
        Callback.from(InvocationType.NON_BLOCKING, this::onCloseWritten, e -> onCloseWritten()),
        false);
  }

  /** Also when it was not: then the session is at its end anyway. */
  private void onCloseWritten() {
    End report;
    synchronized (this) {
      closeWritten = true;
      report = aborted ? null : end;
    }
    if (report != null) {
      calls.close(report.code(), report.reason());
    }
    completeClose();
  }

  /** Lets the session end once both close frames have come and gone. */
  private void completeClose() {
    Callback callback;
    synchronized (this) {
      if (!closeWritten || peersClose == null) {
        return;
      }
      callback = peersClose;
      peersClose = null;
    }
    callback.succeeded();
  }

  private void listenerFailed(Throwable e) {
    log.error("a WebSocket listener failed, its WebSocket is closed", e);
    fail(CloseStatus.SERVER_ERROR, "internal error");
  }

  /** Closes because of what the peer sent or of our own failure; its answer is not reported. */
  private void fail(int code, String reason) {
    synchronized (this) {
      if (end != null || finished) {
        return;
      }
      end = new End(code, reason);
    }
    incoming.drain();
    if (!sends.last(() -> sendClose(code, ControlFrames.shorten(reason)))) {
      calls.close(code, reason); // ours went first, with another code
    }
    bound("no answer to the close frame");
  }

  /** Drops the socket if it has not ended in time. */
  private void bound(String reason) {
    closing.start(
        CLOSE_TIMEOUT, () -> drop(reason + " within " + CLOSE_TIMEOUT.toSeconds() + " s"));
  }

  @Override
  public void onError(Throwable cause, Callback callback) {
    callback.succeeded(); // onClosed follows, with the same cause
  }

  /** The library's last word; the socket is closed. */
  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    finish(status.getCode(), why(status));
    incoming.end();
    callback.succeeded();
    onCloseWritten();
  }

  private static String why(CloseStatus status) {
    if (status.getCode() != CloseStatus.NO_CLOSE) {
      return status.getReason();
    }
    Throwable cause = status.getCause();
    boolean lost = cause == null || cause.getMessage() == null;
    return lost ? "the socket ended without a close frame" : cause.getMessage();
  }

  /**
   * @param code what to report if neither a close frame nor a failure has decided it
   */
  private void finish(int code, String reason) {
    End report;
    boolean heard;
    synchronized (this) {
      if (finished) {
        return;
      }
      finished = true;
      heard = told;
      report = end == null || aborted ? new End(code, reason) : end;
    }
    closing.cancel();
    sends.end(new IOException("the WebSocket is closed: " + report.reason()));
    if (heard) {
      calls.close(report.code(), report.reason());
    }
    owner.ended(this);
  }

  private void drop(String reason) {
    session.abort();
    // The session reports its end too, sooner or later: it may be in the middle of something.
    sends.end(new IOException(reason));
    Runnable last = () -> finish(CloseStatus.NO_CLOSE, reason);
    try {
      session.getExecutor().execute(last);
    } catch (RejectedExecutionException e) {
      last.run(); // its threads have ended
    }
  }

  private void write(boolean text, ByteBuffer message, Completion written) {
    session.sendFrame(
        new Frame(text ? OpCode.TEXT : OpCode.BINARY, message),
        Callback.from(
            InvocationType.NON_BLOCKING,
            () -> written.written(null),
            failure -> {
              written.written(failure);
              bound("the socket is broken, and did not end");
            }),
        false);
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    sends.add(false, message, guarded(completion));
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    sends.add(true, message, guarded(completion));
  }

  /** A completion that throws must not keep those behind it from running. */
  private static Completion guarded(Completion completion) {
    Objects.requireNonNull(completion, "completion");
    return failure -> {
      try {
        completion.written(failure);
      } catch (RuntimeException | Error e) {
        log.error("a completion failed", e);
      }
    };
  }

  @Override
  public void ping(ByteBuffer data) {
    ControlFrames.checkPing(data);
    // A ping that fails has found the session closed, which the session reports by itself.
    ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data.duplicate()).flip();
    session.sendFrame(new Frame(OpCode.PING, copy), Callback.NOOP, false);
  }

  @Override
  public void pause() {
    incoming.pause();
  }

  @Override
  public void resume() {
    incoming.resume();
  }

  @Override
  public void close(int code, String reason) {
    ControlFrames.checkClose(code, reason);
    if (sends.last(() -> sendClose(code, reason))) {
      bound("no answer to the close frame");
    }
  }

  @Override
  public void abort() {
    synchronized (this) {
      if (finished) {
        return;
      }
      aborted = true;
    }
    drop("the WebSocket was aborted");
  }

  @Override
  public String subprotocol() {
    return session.getNegotiatedSubProtocol();
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

  /** Jetty's {@link CoreSession}. */
  @Override
  public Object underlying() {
    return session;
  }
}
