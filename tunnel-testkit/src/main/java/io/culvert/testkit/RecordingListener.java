package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Remembers what a WebSocket tells, and notices when callbacks overlap or come after the last.
 * Tests take the events in order, waiting for each.
 */
public class RecordingListener implements WebSocketListener {

  /**
   * Ends a test that would hang; no test passes or fails because of time otherwise. 30 seconds, or
   * as many as the system property {@code culvert.hangGuard} says, for tests that are to hang.
   */
  public static final Duration HANG_GUARD =
      Duration.ofSeconds(Integer.getInteger("culvert.hangGuard", 30));

  /** One callback. */
  public sealed interface Event {
    record Open(WebSocket webSocket) implements Event {}

    record Binary(ByteBuffer message) implements Event {}

    record Text(ByteBuffer message) implements Event {}

    record Pong(ByteBuffer data) implements Event {}

    record Close(int code, String reason) implements Event {}

    /** The contract was broken. */
    record Violation(String what) implements Event {}
  }

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final AtomicBoolean inside = new AtomicBoolean();
  private final AtomicReference<WebSocket> webSocket = new AtomicReference<>();
  private volatile boolean closed;

  private void record(Event event) {
    if (!inside.compareAndSet(false, true)) {
      events.add(new Event.Violation("overlaps another callback: " + event));
      return;
    }
    if (closed || (event instanceof Event.Open) != (webSocket.get() == null)) {
      events.add(new Event.Violation("out of order: " + event));
    }
    if (event instanceof Event.Open open) {
      webSocket.set(open.webSocket());
    }
    if (event instanceof Event.Close) {
      closed = true;
    }
    events.add(event);
    inside.set(false);
  }

  @Override
  public void onOpen(WebSocket opened) {
    record(new Event.Open(opened));
  }

  @Override
  public void onBinary(ByteBuffer message) {
    record(new Event.Binary(message));
  }

  @Override
  public void onText(ByteBuffer message) {
    record(new Event.Text(message));
  }

  @Override
  public void onPong(ByteBuffer data) {
    record(new Event.Pong(data));
  }

  @Override
  public void onClose(int code, String reason) {
    record(new Event.Close(code, reason));
  }

  /** Waits for the next event. */
  public Event next() {
    try {
      Event event = events.poll(HANG_GUARD.toMillis(), TimeUnit.MILLISECONDS);
      if (event == null) {
        throw new AssertionError("no event within " + HANG_GUARD);
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for an event", e);
    }
  }

  /** Waits for the next event, which must be of this type. */
  public <T extends Event> T next(Class<T> type) {
    return assertInstanceOf(type, next());
  }

  /** Waits for {@link #onOpen}, which must be the next event. */
  public WebSocket opened() {
    return next(Event.Open.class).webSocket();
  }

  /** Waits for the end, whatever comes before. */
  public Event.Close awaitClose() {
    while (true) {
      Event event = next();
      if (event instanceof Event.Close close) {
        return close;
      }
      if (event instanceof Event.Violation violation) {
        throw new AssertionError(violation.what());
      }
    }
  }

  /** Forgets the WebSocket that has ended, and hears the next one. */
  public void reset() {
    Await.until("the last callback has returned", () -> !inside.get());
    assertNothingMore();
    webSocket.set(null);
    closed = false;
  }

  /** Fails if anything has come that no test took. */
  public void assertNothingMore() {
    assertEquals(null, events.peek());
  }
}
