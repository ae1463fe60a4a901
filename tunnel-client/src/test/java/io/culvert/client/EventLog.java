package io.culvert.client;

import io.culvert.ConnectionEvent;
import io.culvert.testkit.RecordingListener;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Remembers events; tests take them in order, waiting for each. */
final class EventLog implements Consumer<ConnectionEvent> {
  private final BlockingQueue<ConnectionEvent> events = new LinkedBlockingQueue<>();

  @Override
  public void accept(ConnectionEvent event) {
    events.add(event);
  }

  /** The next event, which must be of this type. */
  ConnectionEvent next(ConnectionEvent.Type type) throws InterruptedException {
    ConnectionEvent event = events.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
    if (event == null || event.type() != type) {
      throw new AssertionError("expected " + type + " but got " + event);
    }
    return event;
  }

  int waiting() {
    return events.size();
  }
}
