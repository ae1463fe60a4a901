package io.culvert;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The events of a server's or client's connections, for any number of subscribers. Each has a
 * buffer of {@link #BUFFER} events; what a slow one misses is dropped for it alone and counted, so
 * nobody ever waits for a subscriber. Thread-safe.
 */
public final class ConnectionEvents implements Flow.Publisher<ConnectionEvent>, AutoCloseable {
  /** Events that wait for one subscriber. */
  public static final int BUFFER = 256;

  private final SubmissionPublisher<ConnectionEvent> publisher;
  private final AtomicLong dropped = new AtomicLong();

  /** Subscribers are called on the executor. */
  public ConnectionEvents(Executor executor) {
    publisher = new SubmissionPublisher<>(executor, BUFFER);
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ConnectionEvent> subscriber) {
    publisher.subscribe(subscriber);
  }

  /**
   * Calls the listener with each event, one at a time. A listener that throws is called no more.
   */
  public void listen(Consumer<? super ConnectionEvent> listener) {
    publisher.subscribe(
        new Flow.Subscriber<>() {
          private Flow.Subscription subscription;

          @Override
          public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            s.request(1);
          }

          @Override
          public void onNext(ConnectionEvent event) {
            listener.accept(event);
            subscription.request(1);
          }

          @Override
          public void onError(Throwable failure) {}

          @Override
          public void onComplete() {}
        });
  }

  /** How many events subscribers have missed, summed over subscribers. */
  public long dropped() {
    return dropped.get();
  }

  /** Gives an event to all subscribers; never blocks. */
  public void publish(ConnectionEvent event) {
    if (!publisher.isClosed()) {
      publisher.offer(
          event,
          (subscriber, missed) -> {
            dropped.incrementAndGet();
            return false;
          });
    }
  }

  /** Completes the subscribers once they have had what is buffered for them. */
  @Override
  public void close() {
    publisher.close();
  }
}
