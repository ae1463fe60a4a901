package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.WebSocket.Completion;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs completions one at a time, in the order in which they were added, on a thread that holds no
 * lock. A completion that sends again only adds to the queue: the loop further up the stack runs
 * what it added, so the stack does not grow.
 */
final class Completions {
  private static final Logger log = LoggerFactory.getLogger(Completions.class);

  private record Done(Completion completion, Throwable failure) {}

  private final Queue<Done> queue = new ConcurrentLinkedQueue<>();

  /** Calls of {@link #run} not yet served; whoever raises it from 0 serves them all. */
  private final AtomicInteger calls = new AtomicInteger();

  void add(Completion completion, Throwable failure) {
    queue.add(new Done(completion, failure));
  }

  void run() {
    if (calls.getAndIncrement() != 0) {
      return;
    }
    int served = 1;
    do {
      for (Done done = queue.poll(); done != null; done = queue.poll()) {
        try {
          done.completion.written(done.failure);
        } catch (RuntimeException | Error e) {
          // An Error too: those behind it would never run.
          log.error("a completion failed", e);
        }
      }
      served = calls.addAndGet(-served);
    } while (served != 0);
  }
}
