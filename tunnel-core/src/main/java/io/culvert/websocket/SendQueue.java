package io.culvert.websocket;

import io.culvert.websocket.WebSocket.Completion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;

/**
 * The sending half of an adapter whose library takes one message at a time: gives it the next when
 * the one before is written, and runs completions as {@link WebSocket#send} promises: once, in
 * order, one at a time, and without growing the stack of one that sends again. Thread-safe; calls
 * the library and completions under no lock.
 */
public final class SendQueue {

  /** Writes one message. */
  @FunctionalInterface
  public interface Writer {
    /**
     * Begins to write. Must not wait for the network: completions and {@link SendQueue#end} would
     * wait with it. One that throws has failed to write, as if {@code written} had been told so.
     *
     * @param message its bytes stay as they are until {@code written} has run
     * @param written to be run once, on any thread, perhaps before this method returns; further
     *     runs are ignored
     */
    void write(boolean text, ByteBuffer message, Completion written);
  }

  /** No record: two messages are never the same. */
  private static final class Outgoing {
    final boolean text;
    final ByteBuffer message;
    final Completion completion;

    Outgoing(boolean text, ByteBuffer message, Completion completion) {
      this.text = text;
      this.message = message;
      this.completion = completion;
    }
  }

  private record Outcome(Completion completion, Throwable failure) {}

  private static final System.Logger log = System.getLogger(SendQueue.class.getName());

  private final Writer writer;

  // All below is guarded by this.
  private final Queue<Outgoing> waiting = new ArrayDeque<>();
  private final Queue<Outcome> outcomes = new ArrayDeque<>();

  /** With the library; null if none is. */
  private Outgoing inFlight;

  /** What to do when everything before is written; null until {@link #last}. */
  private Runnable last;

  /** Nothing may be added any more, see {@link #last}. */
  private boolean closing;

  /** Why nothing can be sent any more; null while it can. */
  private Throwable ended;

  /** Somebody is in {@link #run}. */
  private boolean running;

  public SendQueue(Writer writer) {
    this.writer = Objects.requireNonNull(writer, "writer");
  }

  /** Adds a message; see {@link WebSocket#send}. */
  public void add(boolean text, ByteBuffer message, Completion completion) {
    Objects.requireNonNull(completion, "completion");
    synchronized (this) {
      if (ended != null || closing) {
        outcomes.add(new Outcome(completion, whyNot()));
      } else {
        waiting.add(new Outgoing(text, message.slice(), completion));
      }
    }
    run();
  }

  /**
   * Ends the queue in order: {@code action} (which writes the close frame) runs once when
   * everything added before is written, perhaps before this method returns; what is added from here
   * on fails.
   *
   * @return false if that was asked for before or the queue has ended: the action will not run
   */
  public boolean last(Runnable action) {
    synchronized (this) {
      if (closing || ended != null) {
        return false;
      }
      closing = true;
      last = Objects.requireNonNull(action, "action");
    }
    run();
    return true;
  }

  /** Fails everything that is not written, and all that is added later. The first reason stays. */
  public void end(Throwable reason) {
    Objects.requireNonNull(reason, "reason");
    synchronized (this) {
      failAll(reason);
    }
    run();
  }

  /** The monitor is held. */
  private void failAll(Throwable reason) {
    if (ended != null) {
      return;
    }
    ended = reason;
    if (inFlight != null) {
      outcomes.add(new Outcome(inFlight.completion, whyNot()));
      inFlight = null;
    }
    waiting.forEach(outgoing -> outcomes.add(new Outcome(outgoing.completion, whyNot())));
    waiting.clear();
  }

  /** The monitor is held. */
  private IOException whyNot() {
    if (ended == null) {
      return new IOException("the WebSocket is closing");
    }
    // Some of the JDK's exceptions say what happened by their type alone.
    return new IOException(
        ended.getMessage() == null ? ended.toString() : ended.getMessage(), ended);
  }

  /** Does all there is to do, unless another thread or a caller of this one is at it. */
  private void run() {
    synchronized (this) {
      if (running) {
        return;
      }
      running = true;
    }
    while (true) {
      Runnable step;
      synchronized (this) {
        step = next();
        if (step == null) {
          running = false;
          return;
        }
      }
      step.run();
    }
  }

  /** The monitor is held. Null if there is nothing to do. */
  private Runnable next() {
    Outcome outcome = outcomes.poll();
    if (outcome != null) {
      return () -> report(outcome);
    }
    if (inFlight != null || ended != null) {
      return null;
    }
    Outgoing head = waiting.poll();
    if (head == null) {
      Runnable action = last;
      last = null;
      return action == null ? null : () -> finish(action);
    }
    inFlight = head;
    return () -> begin(head);
  }

  private static void report(Outcome outcome) {
    try {
      outcome.completion().written(outcome.failure());
    } catch (RuntimeException | Error e) {
      // An Error too: those behind it would never run.
      log.log(System.Logger.Level.ERROR, "a completion failed", e);
    }
  }

  private void begin(Outgoing outgoing) {
    try {
      writer.write(outgoing.text, outgoing.message, failure -> written(outgoing, failure));
    } catch (RuntimeException | Error e) {
      written(outgoing, e);
    }
  }

  private void finish(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      end(e);
    }
  }

  private void written(Outgoing outgoing, Throwable failure) {
    synchronized (this) {
      if (inFlight != outgoing) {
        return; // it was failed by end(), or told before
      }
      inFlight = null;
      outcomes.add(new Outcome(outgoing.completion, failure));
      if (failure != null) {
        failAll(failure);
      }
    }
    run();
  }
}
