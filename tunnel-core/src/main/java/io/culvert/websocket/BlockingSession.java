package io.culvert.websocket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One connection of a {@link BlockingWebSocket}. Thread-safe. */
final class BlockingSession implements WebSocketListener {
  private static final int ABNORMAL_CLOSURE = 1006;

  /** What an empty message costs, so that many of them are bounded too. */
  private static final int MESSAGE_OVERHEAD_BYTES = 64;

  /** A little more than an adapter waits for the answer to a close frame. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(11);

  /** A write that fails is the first sign of an end whose code comes right after it. */
  private static final Duration END_AFTER_FAILURE = Duration.ofSeconds(1);

  private record End(int code, String reason) {}

  private record Ping(ByteBuffer data, CompletableFuture<Void> answered) {}

  private final int maxWaitingBytes;

  /** Complete when the library has reported the end. */
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /** Set by {@link #onOpen}, before the dial returns. */
  private volatile WebSocket webSocket;

  /** Held while a ping is sent, so that {@link #pings} has the order of the wire. */
  private final ReentrantLock pinging = new ReentrantLock();

  /** Taken inside {@link #pinging} at most. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Signalled for each message, and to all at the end. */
  private final Condition readable = lock.newCondition();

  // All below is guarded by the lock.
  private final Queue<Message> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private boolean paused;

  /** In the order in which they were sent. */
  private final List<Ping> pings = new ArrayList<>();

  /** What calls are told since the end, or since this side closed; null before. */
  private End end;

  BlockingSession(int maxWaitingBytes) {
    this.maxWaitingBytes = maxWaitingBytes;
  }

  @Override
  public void onOpen(WebSocket opened) {
    webSocket = opened;
  }

  @Override
  public void onBinary(ByteBuffer message) {
    received(new Message.Binary(message));
  }

  @Override
  public void onText(ByteBuffer message) {
    received(new Message.Text(message));
  }

  private void received(Message message) {
    lock.lock();
    try {
      if (end == null) {
        waiting.add(message);
        account(cost(message));
        readable.signal(); // a reader waits for a message
      }
    } finally {
      lock.unlock();
    }
  }

  private static int cost(Message message) {
    return message.bytes().remaining() + MESSAGE_OVERHEAD_BYTES;
  }

  /**
   * The lock is held, and is for the calls of pause and resume too, neither of which waits: one
   * that was overtaken by the next would hold for ever.
   */
  private void account(long bytes) {
    waitingBytes += bytes;
    if (!paused && waitingBytes >= maxWaitingBytes) {
      paused = true;
      webSocket.pause();
    } else if (paused && waitingBytes <= maxWaitingBytes / 2) {
      paused = false;
      webSocket.resume();
    }
  }

  @Override
  public void onPong(ByteBuffer data) {
    List<Ping> answered;
    lock.lock();
    try {
      int last = pings.size() - 1;
      while (last >= 0 && !pings.get(last).data().equals(data)) {
        last--;
      }
      List<Ping> upToLast = pings.subList(0, last + 1);
      answered = List.copyOf(upToLast);
      upToLast.clear();
    } finally {
      lock.unlock();
    }
    answered.forEach(ping -> ping.answered().complete(null));
  }

  @Override
  public void onClose(int code, String reason) {
    end(code, reason, false);
    closed.complete(null);
  }

  /** Returns false if it had ended before: the first end counts. */
  private boolean end(int code, String reason, boolean dropWaiting) {
    List<Ping> failed;
    lock.lock();
    try {
      if (end != null) {
        return false;
      }
      end = new End(code, reason);
      failed = List.copyOf(pings);
      pings.clear();
      if (dropWaiting) {
        waiting.clear();
        // Goes on to read, or the peer's answer to a close frame would not be seen.
        account(-waitingBytes);
      }
      readable.signalAll(); // no reader may wait any longer
    } finally {
      lock.unlock();
    }
    WebSocketClosedException reasonOfPings = new WebSocketClosedException(code, reason);
    failed.forEach(ping -> ping.answered().completeExceptionally(reasonOfPings));
    return true;
  }

  Message read(Deadline deadline) throws IOException {
    lock.lock();
    try {
      while (waiting.isEmpty()) {
        checkOpen();
        long left = deadline.nanosLeft();
        if (left <= 0) {
          throw deadline.passed("no message");
        }
        readable.awaitNanos(left); // for received() or end()
      }
      Message message = waiting.remove();
      account(-cost(message));
      return message;
    } catch (InterruptedException e) {
      throw interrupted("waiting for a message");
    } finally {
      lock.unlock();
    }
  }

  void write(Message message, Deadline deadline) throws IOException {
    closedIfEnded();
    CompletableFuture<Void> written = new CompletableFuture<>();
    WebSocket.Completion completion =
        failure -> {
          if (failure == null) {
            written.complete(null);
          } else {
            written.completeExceptionally(failure);
          }
        };
    if (message instanceof Message.Text text) {
      webSocket.sendText(text.bytes(), completion);
    } else {
      webSocket.send(message.bytes(), completion);
    }
    try {
      written.get(deadline.nanosLeft(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw whyNotWritten(e.getCause());
    } catch (TimeoutException e) {
      abort("a message was not written in time");
      throw deadline.passed("a message was not written, and the WebSocket was aborted,");
    } catch (InterruptedException e) {
      abort("interrupted while writing a message");
      throw interrupted("writing a message, so the WebSocket was aborted");
    }
  }

  private IOException whyNotWritten(Throwable failure) throws IOException {
    closedIfEnded();
    try {
      closed.get(END_AFTER_FAILURE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Then it was about the message alone.
    } catch (InterruptedException e) {
      throw interrupted("writing a message");
    }
    closedIfEnded();
    return new IOException("the message was not sent: " + failure.getMessage(), failure);
  }

  void ping(ByteBuffer data, Deadline deadline) throws IOException {
    ByteBuffer own = ByteBuffer.allocate(data.remaining()).put(data.duplicate()).flip();
    Ping ping = new Ping(own, new CompletableFuture<>());
    pinging.lock();
    try {
      register(ping);
      webSocket.ping(own.duplicate());
    } catch (RuntimeException e) {
      forget(ping);
      throw e;
    } finally {
      pinging.unlock();
    }
    try {
      ping.answered().get(deadline.nanosLeft(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      closedIfEnded();
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      forget(ping);
      throw deadline.passed("no pong");
    } catch (InterruptedException e) {
      forget(ping);
      throw interrupted("waiting for a pong");
    }
  }

  private void register(Ping ping) throws WebSocketClosedException {
    lock.lock();
    try {
      checkOpen();
      pings.add(ping);
    } finally {
      lock.unlock();
    }
  }

  private void forget(Ping ping) {
    lock.lock();
    try {
      pings.remove(ping); // equal to no other: each has its own future
    } finally {
      lock.unlock();
    }
  }

  /** Begins to close. Returns false if it has ended before. */
  boolean close(int code, String reason) {
    boolean first = end(code, reason, true);
    if (first) {
      webSocket.close(code, reason);
    }
    return first;
  }

  /** Waits until the library has reported the end, or aborts it if it does not. */
  void awaitClosed() throws IOException {
    try {
      closed.get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      webSocket.abort();
    } catch (InterruptedException e) {
      throw interrupted("closing");
    }
  }

  void abort(String reason) {
    end(ABNORMAL_CLOSURE, reason, true);
    webSocket.abort();
  }

  Object underlying() {
    lock.lock();
    try {
      return end == null ? webSocket.underlying() : null;
    } finally {
      lock.unlock();
    }
  }

  /** To be asked once it has ended. */
  WebSocketClosedException closedException() {
    lock.lock();
    try {
      return new WebSocketClosedException(end.code(), end.reason());
    } finally {
      lock.unlock();
    }
  }

  private void closedIfEnded() throws WebSocketClosedException {
    lock.lock();
    try {
      checkOpen();
    } finally {
      lock.unlock();
    }
  }

  /** The lock is held. */
  private void checkOpen() throws WebSocketClosedException {
    if (end != null) {
      throw new WebSocketClosedException(end.code(), end.reason());
    }
  }

  private static InterruptedIOException interrupted(String doing) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while " + doing);
  }
}
