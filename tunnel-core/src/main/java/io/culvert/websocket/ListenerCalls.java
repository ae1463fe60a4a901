package io.culvert.websocket;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Calls a {@link WebSocketListener} as its contract has it, for adapters whose library is laxer:
 * callbacks never overlap, {@code onOpen} comes first, {@code onClose} is called exactly once, and
 * nothing after it. Thread-safe; the listener is called under no lock.
 *
 * <p>Messages and pongs must come one at a time, as every library gives them; one that comes while
 * another callback runs is the adapter's mistake, an {@link IllegalStateException}. The end may
 * come at any time, from any thread: while a callback runs it waits for it, and runs on its thread;
 * if it comes before {@link #open}, that reports both.
 *
 * <p>After a callback has thrown, only {@code onClose} is called.
 */
public final class ListenerCalls {
  private record End(int code, String reason) {}

  private final WebSocketListener listener;
  private final Consumer<Throwable> onFailure;

  // All below is guarded by this.
  private boolean opened;
  private boolean failed;

  /** A callback runs; stays true once the end is reported. */
  private boolean calling;

  /** How it ended; null until then. */
  private End end;

  /**
   * @param onFailure called when the listener has thrown: the adapter logs it and closes the
   *     WebSocket with code 1011
   */
  public ListenerCalls(WebSocketListener listener, Consumer<Throwable> onFailure) {
    this.listener = Objects.requireNonNull(listener, "listener");
    this.onFailure = Objects.requireNonNull(onFailure, "onFailure");
  }

  /** To be called once, before messages and pongs. */
  public void open(WebSocket webSocket) {
    synchronized (this) {
      if (opened) {
        throw new IllegalStateException("a WebSocket opens once");
      }
      opened = true;
      calling = true;
    }
    run(() -> listener.onOpen(webSocket));
  }

  /** Not delivered if the WebSocket has ended. */
  public void binary(ByteBuffer message) {
    call(() -> listener.onBinary(message));
  }

  /** Not delivered if the WebSocket has ended. */
  public void text(ByteBuffer message) {
    call(() -> listener.onText(message));
  }

  /** Not delivered if the WebSocket has ended. */
  public void pong(ByteBuffer data) {
    call(() -> listener.onPong(data));
  }

  /** The first end counts; later ones are ignored. */
  public void close(int code, String reason) {
    synchronized (this) {
      if (end != null) {
        return;
      }
      end = new End(code, reason == null ? "" : reason);
      if (calling || !opened) {
        return; // the running callback's thread reports it, or open() does
      }
      calling = true;
    }
    finish();
  }

  /** Whether the end has come; it may not be reported yet. */
  public synchronized boolean ended() {
    return end != null;
  }

  private void call(Runnable callback) {
    synchronized (this) {
      if (end != null || failed) {
        return;
      }
      if (calling || !opened) {
        throw new IllegalStateException(
            "expected one callback at a time, the first after open, but "
                + (opened ? "another is running" : "the WebSocket is not open"));
      }
      calling = true;
    }
    run(callback);
  }

  /** This thread has set {@link #calling}. */
  private void run(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        failed = true;
      }
      onFailure.accept(e);
    } finally {
      finish();
    }
  }

  /** The end of a callback, this thread's turn: reports the end if it came meanwhile. */
  private void finish() {
    End report;
    synchronized (this) {
      report = end;
      calling = report != null; // and never again false: nothing comes after the end
    }
    if (report == null) {
      return;
    }
    try {
      listener.onClose(report.code(), report.reason());
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }
}
