package io.culvert.testkit.sim;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One WebSocket between two sides: it keeps messages whole and in order, and may be slow, stall, or
 * report completed writes late. Every callback names the socket, so that a side that has moved on
 * to a newer one can tell.
 */
final class SimulatedSocket {

  /** What a side hears of its socket. */
  interface Callbacks {
    void written(SimulatedSocket socket, int bytes);

    void received(SimulatedSocket socket, ByteBuffer message);

    void lost(SimulatedSocket socket, String reason);
  }

  /**
   * How one direction behaves. Times are nanoseconds.
   *
   * @param bytesPerSecond 0: without limit
   * @param holdCompletions the longest time from a write's end to its report
   */
  record Conditions(long latency, long jitter, long bytesPerSecond, long holdCompletions) {}

  private final int epoch;
  private final VirtualTime time;
  private final Direction fromDialer;
  private final Direction fromAcceptor;
  private boolean cut;

  SimulatedSocket(
      int epoch,
      VirtualTime time,
      Callbacks dialer,
      Callbacks acceptor,
      Conditions fromDialer,
      Conditions fromAcceptor,
      SplittableRandom random) {
    this.epoch = epoch;
    this.time = time;
    this.fromDialer = new Direction(dialer, acceptor, fromDialer, random.split());
    this.fromAcceptor = new Direction(acceptor, dialer, fromAcceptor, random.split());
  }

  /** 0 for the first socket of a connection; the newest has the highest. */
  int epoch() {
    return epoch;
  }

  void send(boolean byDialer, ByteBuffer message, boolean housekeeping) {
    (byDialer ? fromDialer : fromAcceptor).send(message, housekeeping);
  }

  /** Nothing leaves this direction until the time has passed. */
  void stall(boolean ofDialer, long nanos) {
    Direction direction = ofDialer ? fromDialer : fromAcceptor;
    direction.freeAt = Math.max(direction.freeAt, time.now() + nanos);
  }

  /** Breaks the socket: what is under way is lost, and both sides hear of it, each in its time. */
  void cut(String reason) {
    if (!cut) {
      cut = true;
      fromDialer.reportLoss(reason);
      fromAcceptor.reportLoss(reason);
    }
  }

  /** Closes the socket in order: what was sent before still arrives. */
  void close(boolean byDialer) {
    Direction direction = byDialer ? fromDialer : fromAcceptor;
    time.at(direction.lastArrival, () -> cut("the peer has closed the WebSocket"));
  }

  private final class Direction {
    private final Callbacks sender;
    private final Callbacks receiver;
    private final Conditions conditions;
    private final SplittableRandom random;
    private long freeAt;
    private long lastArrival;
    private long lastCompletion;

    Direction(
        Callbacks sender, Callbacks receiver, Conditions conditions, SplittableRandom random) {
      this.sender = sender;
      this.receiver = receiver;
      this.conditions = conditions;
      this.random = random;
    }

    void send(ByteBuffer message, boolean housekeeping) {
      if (cut) {
        return;
      }
      byte[] bytes = new byte[message.remaining()];
      message.duplicate().get(bytes);
      long rate = conditions.bytesPerSecond();
      long start = Math.max(time.now(), freeAt);
      freeAt = start + (rate == 0 ? 0 : bytes.length * VirtualTime.SECONDS / rate);
      complete(bytes.length, housekeeping);
      lastArrival =
          Math.max(lastArrival, freeAt + conditions.latency() + upTo(conditions.jitter()));
      schedule(lastArrival, housekeeping, () -> deliver(message, bytes));
    }

    private void complete(int size, boolean housekeeping) {
      int left = size;
      while (left > 0) {
        int piece = random.nextInt(4) == 0 ? random.nextInt(1, left + 1) : left;
        lastCompletion = Math.max(lastCompletion, freeAt + upTo(conditions.holdCompletions()));
        Runnable report = () -> sender.written(SimulatedSocket.this, piece);
        schedule(lastCompletion, housekeeping, report);
        left -= piece;
      }
    }

    private void deliver(ByteBuffer kept, byte[] bytes) {
      if (cut) {
        return;
      }
      byte[] now = new byte[kept.remaining()];
      kept.duplicate().get(now);
      SimulationFailure.check(
          Arrays.equals(now, bytes), "a packet was changed after it was handed out");
      receiver.received(SimulatedSocket.this, ByteBuffer.wrap(bytes));
    }

    private void reportLoss(String reason) {
      time.at(
          time.now() + upTo(conditions.latency()),
          () -> receiver.lost(SimulatedSocket.this, reason));
    }

    private void schedule(long at, boolean housekeeping, Runnable action) {
      if (housekeeping) {
        time.housekeepingAt(at, action);
      } else {
        time.at(at, action);
      }
    }

    private long upTo(long bound) {
      return bound == 0 ? 0 : random.nextLong(bound + 1);
    }
  }
}
