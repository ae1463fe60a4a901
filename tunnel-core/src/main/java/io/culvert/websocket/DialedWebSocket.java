package io.culvert.websocket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A dialed WebSocket without its library: all of the port's contract that is the same over every
 * library that writes one message at a time and reads on when it is asked to. An adapter makes one
 * for each dial, gives it the {@link Library} once that is connected, and reports what comes
 * through {@link #received}, {@link #ponged} and {@link #ended}. Thread-safe.
 *
 * <p>It knows no addresses ({@link Feature#ADDRESSES} is missing). What may not run on the thread
 * that asks for it (callbacks after {@link #resume} and {@link #abort}, time limits) runs in the
 * JVM's common pool.
 */
public final class DialedWebSocket implements WebSocket {

  /**
   * What a connected library is to do. Nothing here may wait for the network.
   *
   * @param underlying see {@link WebSocket#underlying}
   * @param write writes one message; the next one comes when its stage is done
   * @param ping writes a ping, as {@code write} does, and perhaps at the same time
   * @param close starts the close handshake; the peer's answer is {@link #ended}
   * @param readOn asks for the next thing that the library reports
   * @param drop drops the socket at once, without a close frame; idempotent
   */
  public record Library(
      Object underlying, Write write, Ping ping, Close close, Runnable readOn, Runnable drop) {

    /** Writes messages. */
    @FunctionalInterface
    public interface Write {
      /**
       * Begins to write.
       *
       * @param message its remaining bytes, which stay as they are until the stage is done; UTF-8
       *     for a text if {@link Feature#ANY_TEXT} is missing
       * @return done when the operating system has taken the last byte, or failed if it never will
       */
      CompletionStage<?> write(boolean text, ByteBuffer message);
    }

    /** Writes pings. */
    @FunctionalInterface
    public interface Ping {
      /** Begins to write; the stage is as that of {@link Write#write}. */
      CompletionStage<?> ping(ByteBuffer data);
    }

    /** Writes close frames. */
    @FunctionalInterface
    public interface Close {
      /** Begins to write; the stage is as that of {@link Write#write}. */
      CompletionStage<?> close(int code, String reason);
    }
  }

  private static final System.Logger log = System.getLogger(DialedWebSocket.class.getName());
  private static final int CLOSE_SECONDS = 10;

  private static final int PROTOCOL_ERROR = 1002;
  private static final int ABNORMAL = 1006;
  private static final int TOO_BIG = 1009;
  private static final int INTERNAL_ERROR = 1011;

  /** There are no codes above (RFC 6455 section 7.4.2). */
  private static final int LAST_CODE = 4999;

  private final DialRequest request;
  private final Set<Feature> missing;
  private final ListenerCalls calls;
  private final SendQueue outgoing = new SendQueue(this::write);
  private final LatestPing pings = new LatestPing(this::writePing);
  private final PausableDelivery delivery = new PausableDelivery();

  /** The parts so far of a message; used by {@link #received} alone. */
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();

  /** Both are set once, before onOpen. */
  private volatile String subprotocol;

  private volatile Library library;

  /**
   * @param missing what the library cannot do, see {@link WebSocketDialer#missing}
   * @throws UnsupportedOperationException if the request needs a proxy that is missing
   */
  public DialedWebSocket(DialRequest request, WebSocketListener listener, Set<Feature> missing) {
    this.request = request;
    this.missing = Set.copyOf(missing);
    this.calls = new ListenerCalls(listener, this::listenerFailed);
    Proxy.Type proxy = request.proxy().type();
    if ((proxy == Proxy.Type.SOCKS && missing.contains(Feature.SOCKS_PROXY))
        || (proxy == Proxy.Type.HTTP
            && !request.secure()
            && missing.contains(Feature.PROXY_FOR_WS))) {
      throw new UnsupportedOperationException(
          "this WebSocket library cannot dial "
              + (request.secure() ? "wss" : "ws")
              + " through a proxy of type "
              + proxy
              + ": use JavaWebSocketDialer");
    }
  }

  /**
   * Waits for the library's part of the dial.
   *
   * @param dialing is cancelled when the request's time is up or this thread is interrupted, which
   *     must drop the socket
   * @param abort drops what was opened in just that moment
   * @throws IOException that with which it failed, or see {@link WebSocketDialer#dial}
   */
  public <T> T await(CompletableFuture<T> dialing, Consumer<T> abort) throws IOException {
    try {
      return dialing.get(request.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      cancel(dialing, abort);
      throw new SocketTimeoutException(
          "not connected to "
              + remoteAddress()
              + " within "
              + request.timeout().toMillis()
              + " ms");
    } catch (InterruptedException e) {
      cancel(dialing, abort);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while dialing");
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  private static <T> void cancel(CompletableFuture<T> dialing, Consumer<T> abort) {
    if (!dialing.cancel(true)) {
      CompletableFuture<?> unused = dialing.thenAccept(abort);
    }
  }

  private IOException failure(Throwable cause) {
    if (cause instanceof IOException known) {
      return known;
    }
    if (cause instanceof IllegalArgumentException) {
      // The cause may quote a header's value, which may be a secret.
      throw new IllegalArgumentException(
          "one of these headers may not be sent: " + request.headers().keySet());
    }
    return new IOException("the dial failed: " + cause, cause);
  }

  /**
   * The upgrade has succeeded: calls the listener, then {@link Library#readOn}. To be called once,
   * inside {@link WebSocketDialer#dial}, before anything is reported.
   *
   * @param chosen the answer's subprotocol; null or empty for none
   * @throws UpgradeException if it is not the one that was asked for; the socket is dropped
   */
  public void opened(String chosen, Library connected) throws UpgradeException {
    library = connected;
    subprotocol = chosen == null || chosen.isEmpty() ? null : chosen;
    if (!Objects.equals(subprotocol, request.subprotocol())) {
      connected.drop().run();
      throw new UpgradeException(
          101,
          "expected the subprotocol " + request.subprotocol() + ", but the peer chose another");
    }
    calls.open(this);
    delivery.run(library.readOn());
  }

  /**
   * A message or a part of one has arrived. Calls {@link Library#readOn} when it is dealt with.
   *
   * @param part is copied
   * @param last whether the message is whole with it
   */
  public void received(boolean text, ByteBuffer part, boolean last) {
    if (part.remaining() > request.maxMessageBytes() - partial.size()) {
      library.drop().run();
      end(TOO_BIG, "expected at most " + request.maxMessageBytes() + " bytes in a message");
      return;
    }
    byte[] bytes = copy(part).array();
    partial.write(bytes, 0, bytes.length);
    if (last) {
      ByteBuffer message = ByteBuffer.wrap(partial.toByteArray());
      partial.reset();
      delivery.run(text ? () -> calls.text(message) : () -> calls.binary(message));
    }
    delivery.run(library.readOn());
  }

  /**
   * A pong has arrived; its data are copied. Calls {@link Library#readOn} when it is dealt with.
   */
  public void ponged(ByteBuffer data) {
    ByteBuffer copy = copy(data);
    delivery.run(() -> calls.pong(copy));
    delivery.run(library.readOn());
  }

  /**
   * The WebSocket has ended, see {@link WebSocketListener#onClose}. The library may still answer
   * the peer's close frame, within the time limit of {@link #close}.
   */
  public void ended(int code, String reason) {
    if (code > LAST_CODE) {
      library.drop().run(); // no library need answer that
      delivery.run(() -> end(PROTOCOL_ERROR, "close code " + code));
      return;
    }
    delivery.run(() -> end(code, reason));
    later().execute(library.drop());
  }

  @Override
  public void pause() {
    delivery.pause();
  }

  @Override
  public void resume() {
    delivery.resume();
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    outgoing.add(false, message, completion);
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    if (missing.contains(Feature.ANY_TEXT) && !isUtf8(message)) {
      completion.written(new IOException("this WebSocket library sends no text but UTF-8"));
      return;
    }
    outgoing.add(true, message, completion);
  }

  private static boolean isUtf8(ByteBuffer text) {
    return StandardCharsets.UTF_8
        .encode(StandardCharsets.UTF_8.decode(text.duplicate()))
        .equals(text);
  }

  private void write(boolean text, ByteBuffer message, Completion written) {
    CompletionStage<?> unused =
        library
            .write()
            .write(text, message)
            .whenComplete(
                (done, failure) -> {
                  written.written(failure);
                  afterWrite(failure);
                });
  }

  @Override
  public void ping(ByteBuffer data) {
    ControlFrames.checkPing(data);
    if (missing.contains(Feature.PING)) {
      throw new UnsupportedOperationException("this WebSocket library sends no pings");
    }
    pings.send(copy(data));
  }

  private CompletionStage<?> writePing(ByteBuffer data) {
    return library.ping().ping(data).whenComplete((done, failure) -> afterWrite(failure));
  }

  /** What breaks a write breaks the WebSocket; the library has time to report why. */
  private void afterWrite(Throwable failure) {
    if (failure != null) {
      later().execute(() -> lost(failure.toString()));
    }
  }

  @Override
  public void close(int code, String reason) {
    ControlFrames.checkClose(code, reason);
    if (outgoing.last(() -> sendClose(code, reason))) {
      later().execute(() -> lost("no answer to the close frame within " + CLOSE_SECONDS + " s"));
    }
  }

  private void sendClose(int code, String reason) {
    // If it cannot be written, the time limit ends the WebSocket.
    CompletionStage<?> unused = library.close().close(code, reason);
  }

  private void listenerFailed(Throwable failure) {
    log.log(
        System.Logger.Level.ERROR, "a WebSocket listener failed, its WebSocket is closed", failure);
    close(INTERNAL_ERROR, "internal error");
  }

  @Override
  public void abort() {
    library.drop().run();
    CompletableFuture<?> unused =
        CompletableFuture.runAsync(() -> end(ABNORMAL, "the WebSocket was aborted"));
  }

  private void lost(String reason) {
    library.drop().run();
    end(ABNORMAL, reason);
  }

  private void end(int code, String reason) {
    outgoing.end(new IOException("the WebSocket has ended with code " + code + ": " + reason));
    calls.close(code, reason);
  }

  private static Executor later() {
    return CompletableFuture.delayedExecutor(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  @Override
  public String subprotocol() {
    return subprotocol;
  }

  @Override
  public SocketAddress remoteAddress() {
    int port = request.uri().getPort();
    return InetSocketAddress.createUnresolved(
        request.uri().getHost(), port >= 0 ? port : request.secure() ? 443 : 80);
  }

  @Override
  public SocketAddress localAddress() {
    return null;
  }

  @Override
  public boolean secure() {
    return request.secure();
  }

  @Override
  public Object underlying() {
    return library.underlying();
  }
}
