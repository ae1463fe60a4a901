package io.culvert;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of a server's or client's connections, for any number of subscribers. Each has a
 * buffer of {@link #BUFFER} events; what a slow one misses is dropped for it alone and counted, so
 * nobody ever waits for a subscriber. Thread-safe.
 */
public final class ConnectionEvents implements Flow.Publisher<ConnectionEvent>, AutoCloseable {
  /** Events that wait for one subscriber. */
  public static final int BUFFER = 256;

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionEvents.class);

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
   * Calls the listener with each event, one at a time. What it throws is logged, and the next event
   * reaches it all the same.
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
            try {
              listener.accept(event);
            } catch (RuntimeException e) {
              LOG.warn("A listener has failed at {}", event.type(), e);
            }
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

  /** Gives an event to all subscribers, unless this is closed; never blocks. */
  public void publish(ConnectionEvent event) {
    try {
      publisher.offer(
          event,
          (subscriber, missed) -> {
            dropped.incrementAndGet();
            return false;
          });
    } catch (IllegalStateException | RejectedExecutionException e) {
      LOG.debug("{} came after the end of its owner", event.type(), e);
    }
  }

  /** Completes the subscribers once they have had what is buffered for them. */
  @Override
  public void close() {
    publisher.close();
  }
}
