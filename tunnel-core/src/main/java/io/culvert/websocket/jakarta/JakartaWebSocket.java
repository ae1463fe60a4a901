package io.culvert.websocket.jakarta;

import io.culvert.websocket.ControlFrames;
import io.culvert.websocket.ListenerCalls;
import io.culvert.websocket.SendQueue;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An accepted WebSocket: sends, and knows how it ends. {@link Incoming} receives for it. */
final class JakartaWebSocket implements WebSocket {
  private static final Logger log = LoggerFactory.getLogger(JakartaWebSocket.class);

  // Tomcat's settings of a session, in milliseconds; other containers do not look at them.
  private static final String TOMCAT = "org.apache.tomcat.websocket.";
  private static final String BLOCKING_SEND_TIMEOUT = TOMCAT + "BLOCKING_SEND_TIMEOUT";
  private static final String CLOSE_SEND_TIMEOUT = TOMCAT + "ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT";
  private static final String CLOSE_ANSWER_TIMEOUT = TOMCAT + "SESSION_CLOSE_TIMEOUT";

  /**
   * How long Tomcat's answer to a ping may wait behind a message to a slow peer. Not for ever: a
   * peer that closes and does not read keeps a thread of Tomcat spinning as long.
   */
  private static final long MAX_PONG_DELAY = 60_000;

  private static final int ABNORMAL = CloseCodes.CLOSED_ABNORMALLY.getCode();

  private static final Pattern IP_ADDRESS = Pattern.compile("[0-9.]+|\\[?[0-9A-Fa-f]*:.*");

  private final JakartaAcceptor acceptor;
  private final int maxMessageBytes;
  private final String subprotocol;
  private final SocketAddress remoteAddress;
  private final SocketAddress localAddress;
  private final boolean secure;
  private final ListenerCalls calls;
  private final SendQueue sends = new SendQueue(this::write);

  // Set once by open(), before the listener knows the WebSocket.
  private Session session;
  private RemoteEndpoint.Async remote;

  /** We are closing because of what the peer sent or our own failure: nothing is delivered. */
  private volatile boolean failed;

  /** What the container said was wrong; empty before. */
  private volatile String failure = "";

  /** Not done while paused. Set with the monitor held; whoever waits does not hold it. */
  private volatile CompletableFuture<Void> reading = CompletableFuture.completedFuture(null);

  /** The last of the pings so far: one after the other, because each may block. Guarded by this. */
  private CompletableFuture<Void> pings = CompletableFuture.completedFuture(null);

  JakartaWebSocket(JakartaAcceptor acceptor, Upgrade.Accept accept, HttpServletRequest request) {
    this.acceptor = acceptor;
    maxMessageBytes = Math.min(acceptor.maxMessageBytes(), accept.maxMessageBytes());
    subprotocol = accept.subprotocol();
    remoteAddress = address(request.getRemoteAddr(), request.getRemotePort());
    localAddress = address(request.getLocalAddr(), request.getLocalPort());
    secure = request.isSecure();
    calls = new ListenerCalls(accept.listener(), this::listenerFailed);
  }

  /** No name is looked up: an address that a proxy's header gave may be anything. */
  static SocketAddress address(String host, int port) {
    try {
      if (IP_ADDRESS.matcher(host).matches()) {
        return new InetSocketAddress(InetAddress.getByName(host), port);
      }
    } catch (UnknownHostException e) {
      log.debug("not an IP address", e);
    }
    return InetSocketAddress.createUnresolved(host, port);
  }

  /** The container has answered 101. */
  void open(Session newSession) {
    session = newSession;
    remote = newSession.getAsyncRemote();
    remote.setSendTimeout(0);
    newSession.setMaxIdleTimeout(0);
    long closeTimeout = JakartaAcceptor.CLOSE_TIMEOUT.toMillis();
    newSession.getUserProperties().put(BLOCKING_SEND_TIMEOUT, MAX_PONG_DELAY);
    newSession.getUserProperties().put(CLOSE_SEND_TIMEOUT, closeTimeout);
    newSession.getUserProperties().put(CLOSE_ANSWER_TIMEOUT, closeTimeout);
    calls.open(this);
    if (!acceptor.add(this)) {
      abort();
    } else if (calls.ended()) {
      acceptor.remove(this);
    }
  }

  int maxMessageBytes() {
    return maxMessageBytes;
  }

  /** Waits while paused. Returns false if what comes is not to be delivered. */
  boolean awaitReading() {
    try {
      reading.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The thread is the container's, which stops.
      abort();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return !failed && !calls.ended();
  }

  void message(boolean text, ByteBuffer message) {
    if (text) {
      calls.text(message);
    } else {
      calls.binary(message);
    }
  }

  void pong(ByteBuffer data) {
    if (!failed) {
      calls.pong(data);
    }
  }

  private void listenerFailed(Throwable e) {
    log.error("a WebSocket listener failed, its WebSocket is closed", e);
    fail(CloseCodes.UNEXPECTED_CONDITION.getCode(), "internal error");
  }

  /** Closes because of what the peer sent or of our own failure. */
  void fail(int code, String reason) {
    failed = true;
    close(code, reason, code, reason);
  }

  @Override
  public void close(int code, String reason) {
    ControlFrames.checkClose(code, reason);
    String unanswered = "no answer to the close frame within " + JakartaAcceptor.CLOSE_TIMEOUT;
    close(code, reason, ABNORMAL, unanswered);
  }

  private void close(int code, String reason, int codeUnanswered, String reasonUnanswered) {
    CloseReason frame = new CloseReason(() -> code, reason);
    if (sends.last(() -> acceptor.execute(() -> closeSession(frame)))) {
      dropAfterTimeout(codeUnanswered, reasonUnanswered);
    }
  }

  private void closeSession(CloseReason reason) {
    try {
      session.close(reason);
    } catch (IOException | RuntimeException e) {
      log.debug("the container did not close the session", e);
    }
  }

  @Override
  public void abort() {
    end(ABNORMAL, "the WebSocket was aborted");
    acceptor.execute(this::dropSession);
  }

  private void dropAfterTimeout(int code, String reason) {
    acceptor.afterCloseTimeout(
        () -> {
          if (!calls.ended()) {
            end(code, reason);
            dropSession();
          }
        });
  }

  /**
   * Makes the container give up the socket, whether the peer reads or not. Tomcat drops it when
   * there is no time to write the close frame, and only for a normal closure may that time be 0.
   */
  private void dropSession() {
    boolean tomcat = session.getClass().getName().startsWith(TOMCAT);
    try {
      session.getUserProperties().put(BLOCKING_SEND_TIMEOUT, 0L);
      session.setMaxIdleTimeout(1); // Jetty has no other bound for a write.
    } catch (RuntimeException e) {
      log.debug("the session was closed already", e);
    }
    closeSession(new CloseReason(tomcat ? CloseCodes.NORMAL_CLOSURE : CloseCodes.GOING_AWAY, ""));
  }

  /** The container reports how it ended, too; but not while the peer does not read (Jetty). */
  void containerFailed(Throwable cause) {
    log.debug("the container reports a failure", cause);
    String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    failure = why;
    dropAfterTimeout(ABNORMAL, why);
  }

  /** The end, however it came; the first counts. */
  void end(int code, String reason) {
    String why = reason == null || reason.isEmpty() ? failure : reason;
    sends.end(new IOException(why.isEmpty() ? "the WebSocket is closed" : why));
    calls.close(code, why);
    resume();
    acceptor.remove(this);
  }

  @Override
  public synchronized void pause() {
    if (reading.isDone()) {
      reading = new CompletableFuture<>();
    }
    if (calls.ended()) {
      reading.complete(null); // The end may have come too early to see the new one.
    }
  }

  @Override
  public synchronized void resume() {
    reading.complete(null);
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    sends.add(false, message, completion);
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    try {
      decode(message);
    } catch (CharacterCodingException e) {
      completion.written(new IOException("Jakarta WebSocket sends no text but UTF-8", e));
      return;
    }
    sends.add(true, message, completion);
  }

  private static String decode(ByteBuffer text) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(text.duplicate()).toString();
  }

  private void write(boolean text, ByteBuffer message, Completion written) {
    SendHandler whenWritten =
        result -> {
          if (result.isOK()) {
            written.written(null);
          } else {
            writeFailed(result.getException(), written);
          }
        };
    try {
      if (text) {
        remote.sendText(decode(message), whenWritten);
      } else {
        remote.sendBinary(message, whenWritten);
      }
    } catch (IOException | RuntimeException e) {
      writeFailed(e, written);
    }
  }

  /** Not every container ends the session then, and it may be about to report a close frame. */
  private void writeFailed(Throwable cause, Completion written) {
    written.written(cause);
    if (!calls.ended()) {
      containerFailed(cause);
      acceptor.execute(() -> closeSession(new CloseReason(CloseCodes.CLOSED_ABNORMALLY, "")));
    }
  }

  /** Waits behind earlier pings, without limit: the caller bounds it by waiting for pongs. */
  @Override
  public synchronized void ping(ByteBuffer data) {
    ControlFrames.checkPing(data);
    ByteBuffer copy = Incoming.copy(data);
    pings = pings.thenRunAsync(() -> sendPing(copy), acceptor::execute);
  }

  private void sendPing(ByteBuffer data) {
    try {
      if (!calls.ended()) {
        remote.sendPing(data);
      }
    } catch (IOException | RuntimeException e) {
      log.debug("a ping was not sent", e);
    }
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

  /** The {@link Session}. */
  @Override
  public Object underlying() {
    return session;
  }
}
