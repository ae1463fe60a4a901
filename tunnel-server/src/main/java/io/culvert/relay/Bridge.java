package io.culvert.relay;

import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.relay.route.Agent;
import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Agents;
import io.culvert.rendezvous.Rendezvous;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Joins the streams of callers with streams to agents of the names that they want. Waits for an
 * agent without a thread; how many wait is bounded by the streams that callers may open.
 * Thread-safe.
 */
final class Bridge {

  /** Passes bytes on between two streams. */
  @FunctionalInterface
  interface Joint {
    /**
     * Passes bytes on in both directions, each with its own end, and a failure with its code; owns
     * both streams. Does not block.
     *
     * @param onEnd called exactly once, when both streams have ended; does not block
     */
    void join(TunnelStream caller, TunnelStream agent, Runnable onEnd);
  }

  /** Is told of each stream that is over. */
  @FunctionalInterface
  interface Listener {
    /**
     * Must not block.
     *
     * @param received bytes from the caller
     * @param sent bytes to the caller
     */
    void over(String name, long received, long sent);
  }

  private final Agents agents;
  private final Duration agentWait;
  private final Executor executor;
  private final Scheduler scheduler;
  private final Joint joint;
  private final Listener listener;

  /**
   * @param agentWait how long a stream waits for an agent that is away
   */
  Bridge(
      Agents agents,
      Duration agentWait,
      Executor executor,
      Scheduler scheduler,
      Joint joint,
      Listener listener) {
    this.agents = agents;
    this.agentWait = agentWait;
    this.executor = executor;
    this.scheduler = scheduler;
    this.joint = joint;
    this.listener = listener;
  }

  /** Takes a stream that a caller has opened, and may open. Does not block. */
  void accept(Caller caller, TunnelStream stream) {
    Opening opening = new Opening(caller, stream);
    caller.outstanding().incrementAndGet();
    opening.later();
  }

  /** A caller's stream that has no agent yet. */
  private final class Opening implements Runnable {
    private final Caller caller;
    private final TunnelStream stream;
    private final long deadline = System.nanoTime() + agentWait.toNanos();

    // Guarded by this object's monitor.
    private final Set<AgentLink> tried = new HashSet<>();
    private boolean over;

    /** Ends the wait for an agent; does nothing while there is none. */
    private Runnable endWait = () -> {};

    Opening(Caller caller, TunnelStream stream) {
      this.caller = caller;
      this.stream = stream;
    }

    void later() {
      try {
        executor.execute(this);
      } catch (RejectedExecutionException e) {
        giveUp(ErrorCode.REFUSED); // the relay is stopping
      }
    }

    @Override
    public synchronized void run() {
      endWait.run();
      endWait = () -> {};
      if (over) {
        return;
      }
      if (stream.closed()) {
        giveUp(ErrorCode.CANCELLED);
      } else if (!caller.claim().mayConnect()) {
        giveUp(ErrorCode.FORBIDDEN);
      } else {
        find();
      }
    }

    private void find() {
      String name = caller.claim().name();
      while (true) {
        Agents.Choice choice = agents.choose(name, tried);
        if (choice instanceof Agents.Found found) {
          if (open(found.agent())) {
            return;
          }
          tried.add(found.agent());
        } else if (choice instanceof Agents.Away) {
          await(name);
          return;
        } else {
          boolean refused = choice instanceof Agents.Exhausted;
          giveUp(refused ? ErrorCode.REFUSED : ErrorCode.UPSTREAM_UNREACHABLE);
          return;
        }
      }
    }

    /** Without waiting for stream credit: it would take a thread. */
    private boolean open(AgentLink agent) {
      TunnelStream opened;
      try {
        opened = agent.open(Rendezvous.FOR_BRIDGE, Duration.ZERO);
      } catch (TunnelException e) {
        return false;
      } catch (IOException e) {
        giveUp(ErrorCode.REFUSED); // interrupted: the relay is stopping
        return true;
      }
      over = true;
      agent.began();
      joint.join(stream, opened, () -> ended(agent));
      return true;
    }

    private void await(String name) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        giveUp(ErrorCode.UPSTREAM_UNREACHABLE);
        return;
      }
      Runnable unregister = agents.whenChanged(name, this::later);
      Scheduler.Task timer = scheduler.schedule(this::later, left, TimeUnit.NANOSECONDS);
      endWait =
          () -> {
            unregister.run();
            timer.cancel();
          };
      if (!(agents.choose(name, tried) instanceof Agents.Away)) {
        later(); // it came before anybody was told to tell
      }
    }

    private synchronized void giveUp(ErrorCode code) {
      if (!over) {
        over = true;
        stream.reset(code);
        caller.outstanding().decrementAndGet();
      }
    }

    private void ended(AgentLink agent) {
      long received = stream.bytesReceived();
      long sent = stream.bytesWritten();
      agent.finished();
      caller.outstanding().decrementAndGet();
      caller.traffic().add(received, sent);
      if (agent instanceof Agent known) {
        known.traffic().add(received, sent);
      }
      listener.over(agent.name(), received, sent);
    }
  }
}
