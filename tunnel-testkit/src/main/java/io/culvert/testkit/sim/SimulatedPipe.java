package io.culvert.testkit.sim;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** One direction of a socket. */
final class SimulatedPipe {
  /** One side may hear of a broken socket this much later than the other. */
  private static final long LATEST_NEWS = 2 * VirtualTime.SECONDS;

  private final SimulatedSocket socket;
  private final VirtualTime time;
  private final SimulatedSocket.Callbacks sender;
  private final SimulatedSocket.Callbacks receiver;
  private final SimulatedSocket.Conditions conditions;
  private final SplittableRandom random;

  private long freeAt;
  private long lastArrival;
  private long lastCompletion;

  /** Nothing arrives, and nobody is told. */
  private boolean silent;

  /** Whether writes into a dead pipe are still reported as completed: buffers hide its end. */
  private final boolean buffersHideEnd;

  /** Nothing that would arrive later than this does. */
  private long horizon = Long.MAX_VALUE;

  /** Packets until {@link #onBreak} happens; -1: never. */
  private int packetsLeft = -1;

  /** Whether the packet at which it happens arrives nevertheless. */
  private boolean wholeBeforeBreak;

  /** What is sent now is sent behind that packet. */
  private boolean behindBreak;

  private Runnable onBreak = () -> {};

  SimulatedPipe(
      SimulatedSocket socket,
      VirtualTime time,
      SimulatedSocket.Callbacks sender,
      SimulatedSocket.Callbacks receiver,
      SimulatedSocket.Conditions conditions,
      SplittableRandom random) {
    this.socket = socket;
    this.time = time;
    this.sender = sender;
    this.receiver = receiver;
    this.conditions = conditions;
    this.random = random;
    this.buffersHideEnd = random.nextBoolean();
  }

  void stall(long nanos) {
    freeAt = Math.max(freeAt, time.now() + nanos);
  }

  void silence() {
    silent = true;
  }

  /** The packet behind so many others does not arrive; this happens instead. */
  void breakAfter(int packets, Runnable then) {
    packetsLeft = packets;
    onBreak = then;
  }

  /** This happens when so many packets have arrived. */
  void cutBehind(int packets, Runnable then) {
    packetsLeft = packets - 1;
    wholeBeforeBreak = true;
    onBreak = then;
  }

  long lastArrival() {
    return lastArrival;
  }

  void send(ByteBuffer message, boolean housekeeping) {
    byte[] bytes = new byte[message.remaining()];
    message.duplicate().get(bytes);
    long rate = conditions.bytesPerSecond();
    freeAt =
        Math.max(time.now(), freeAt) + (rate == 0 ? 0 : bytes.length * VirtualTime.SECONDS / rate);
    complete(bytes.length, housekeeping);
    lastArrival = Math.max(lastArrival, freeAt + conditions.latency() + upTo(conditions.jitter()));
    boolean broken = behindBreak;
    boolean last = packetsLeft == 0;
    behindBreak |= last;
    packetsLeft = Math.max(-1, packetsLeft - 1);
    schedule(
        lastArrival,
        housekeeping,
        () -> {
          if (!broken && (!last || wholeBeforeBreak)) {
            deliver(message, bytes);
          } else {
            receiver.missed(socket, ByteBuffer.wrap(bytes));
          }
          if (last) {
            onBreak.run();
          }
        });
  }

  private void complete(int size, boolean housekeeping) {
    int left = size;
    while (left > 0) {
      int piece = random.nextInt(4) == 0 ? random.nextInt(1, left + 1) : left;
      lastCompletion = Math.max(lastCompletion, freeAt + upTo(conditions.holdCompletions()));
      schedule(lastCompletion, housekeeping, () -> completed(piece));
      left -= piece;
    }
  }

  private void completed(int bytes) {
    if (buffersHideEnd || !(silent || over())) {
      sender.written(socket, bytes);
    }
  }

  private void deliver(ByteBuffer kept, byte[] bytes) {
    byte[] now = new byte[kept.remaining()];
    kept.duplicate().get(now);
    SimulationFailure.check(
        Arrays.equals(now, bytes), "a packet was changed after it was handed out");
    if (silent || over()) {
      receiver.missed(socket, ByteBuffer.wrap(bytes));
      return;
    }
    receiver.received(socket, ByteBuffer.wrap(bytes));
  }

  private boolean over() {
    return time.now() > horizon;
  }

  /** The socket is broken: part of what is under way may still arrive, then the receiver hears. */
  void end(String reason) {
    horizon = time.now() + (random.nextBoolean() ? 0 : upTo(conditions.latency()));
    if (!silent) {
      long news = random.nextInt(3) == 0 ? upTo(LATEST_NEWS) : upTo(conditions.latency());
      time.at(horizon + 1 + news, () -> receiver.lost(socket, reason));
    }
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
