package io.culvert.testkit;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Messages of one size, numbered from 0, each second one text if asked: sent with a bound on what
 * is pending, and checked byte by byte as they arrive, without keeping them. Thread-safe.
 */
final class NumberedMessages {
  private final int count;
  private final boolean mixed;
  private final ByteBuffer pattern;

  /**
   * @param bytes of each, at least 4
   * @param mixed whether every second message is text
   */
  NumberedMessages(int count, int bytes, boolean mixed) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    for (int i = 0; mixed && i < bytes; i++) {
      content[i] &= 0x7f; // ASCII, which is UTF-8
    }
    this.count = count;
    this.mixed = mixed;
    this.pattern = ByteBuffer.wrap(content).asReadOnlyBuffer();
  }

  /** Sends all of them, with at most so many bytes pending. Blocks. */
  void send(WebSocket to, int maxPendingBytes) throws InterruptedException {
    int pending = Math.max(1, maxPendingBytes / pattern.limit());
    Semaphore room = new Semaphore(pending);
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    for (int i = 0; i < count && !failure.isDone(); i++) {
      acquire(room, 1);
      WebSocket.Completion completion =
          reason -> {
            if (reason != null) {
              failure.complete(reason);
            }
            room.release();
          };
      if (isText(i)) {
        to.sendText(message(i), completion);
      } else {
        to.send(message(i), completion);
      }
    }
    acquire(room, pending);
    if (failure.isDone()) {
      throw new AssertionError("a message was not written", failure.join());
    }
  }

  private static void acquire(Semaphore room, int permits) throws InterruptedException {
    if (!room.tryAcquire(permits, RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("a completion never ran");
    }
  }

  private boolean isText(int number) {
    return mixed && number % 2 == 1;
  }

  private ByteBuffer message(int number) {
    ByteBuffer message = ByteBuffer.allocate(pattern.limit()).put(pattern.duplicate()).flip();
    return message.putInt(0, asAscii(number));
  }

  /** Seven bits of it in each byte: a text message must stay UTF-8. */
  private static int asAscii(int number) {
    return (number & 0x7f) | (number << 1 & 0x7f00) | (number << 2 & 0x7f0000);
  }

  /** Checks what arrives. */
  final class Receiver implements WebSocketListener {
    private final CompletableFuture<Void> all = new CompletableFuture<>();

    /** Callbacks never overlap. */
    private int next;

    @Override
    public void onOpen(WebSocket webSocket) {}

    @Override
    public void onBinary(ByteBuffer message) {
      check(false, message);
    }

    @Override
    public void onText(ByteBuffer message) {
      check(true, message);
    }

    private void check(boolean text, ByteBuffer message) {
      if (text != isText(next) || !message.equals(message(next))) {
        all.completeExceptionally(
            new AssertionError("expected message " + next + ", but got another, or not its bytes"));
      }
      if (++next == count) {
        all.complete(null);
      }
    }

    @Override
    public void onClose(int code, String reason) {
      all.completeExceptionally(
          new AssertionError("ended after " + next + " messages: " + code + " " + reason));
    }

    /** Waits for the last. */
    void awaitAll() throws Exception {
      all.get(2 * RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
    }
  }
}
