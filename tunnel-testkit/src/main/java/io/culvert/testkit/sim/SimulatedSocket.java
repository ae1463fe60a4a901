package io.culvert.testkit.sim;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * One WebSocket between two sides: it keeps messages whole and in order, and may be slow, stall,
 * break, fall silent, or report completed writes late. Every callback names the socket, so that a
 * side that has moved on to a newer one can tell.
 */
final class SimulatedSocket {

  /** What a side hears of its socket. */
  interface Callbacks {
    void written(SimulatedSocket socket, int bytes);

    void received(SimulatedSocket socket, ByteBuffer message);

    /** The network knows: this will never be received. */
    default void missed(SimulatedSocket socket, ByteBuffer message) {}

    /** The socket has ended. Nothing is received after it. */
    void lost(SimulatedSocket socket, String reason);
  }

  /**
   * How one direction behaves. Times are nanoseconds.
   *
   * @param bytesPerSecond 0: without limit
   * @param holdCompletions the longest time from a write's end to its report
   */
  record Conditions(long latency, long jitter, long bytesPerSecond, long holdCompletions) {}

  private final int number;
  private final VirtualTime time;
  private final SimulatedPipe fromDialer;
  private final SimulatedPipe fromAcceptor;
  private final Consumer<String> log;
  private boolean hostile;
  private boolean cut;

  /**
   * A socket that is open.
   *
   * @param log what befalls the socket; null: nobody wants to know
   */
  SimulatedSocket(
      int number,
      VirtualTime time,
      Callbacks dialer,
      Callbacks acceptor,
      Conditions fromDialer,
      Conditions fromAcceptor,
      SplittableRandom random,
      Consumer<String> log) {
    this.number = number;
    this.time = time;
    this.log = log;
    this.fromDialer = new SimulatedPipe(this, time, dialer, acceptor, fromDialer, random.split());
    this.fromAcceptor =
        new SimulatedPipe(this, time, acceptor, dialer, fromAcceptor, random.split());
  }

  /** 1 for the first socket of a run; the newest has the highest. */
  int number() {
    return number;
  }

  /** Somebody else than the dialer has opened it. */
  void markHostile() {
    hostile = true;
  }

  boolean hostile() {
    return hostile;
  }

  void send(boolean byDialer, ByteBuffer message, boolean housekeeping) {
    pipe(byDialer).send(message, housekeeping);
  }

  /** Nothing leaves this direction until the time has passed. */
  void stall(boolean ofDialer, long nanos) {
    note((ofDialer ? "dialer" : "acceptor") + " stalls for " + nanos / VirtualTime.MILLIS + " ms");
    pipe(ofDialer).stall(nanos);
  }

  /** From here on this direction swallows everything, and nobody is told. */
  void silence(boolean ofDialer) {
    note("nothing of the " + (ofDialer ? "dialer" : "acceptor") + " arrives any more");
    pipe(ofDialer).silence();
  }

  /**
   * In this direction so many packets arrive whole, and of the next one a part.
   *
   * @param silently whether nobody is told of it; else the socket is cut
   */
  void breakAfter(boolean ofDialer, int packets, boolean silently) {
    pipe(ofDialer)
        .breakAfter(
            packets,
            () -> {
              if (silently) {
                silence(ofDialer);
              } else {
                cut("cut in the middle of a packet");
              }
            });
  }

  /** Cuts the socket as soon as so many packets, at least one, have arrived in this direction. */
  void cutBehind(boolean ofDialer, int packets) {
    pipe(ofDialer).cutBehind(packets, () -> cut("cut between packets"));
  }

  /** Breaks the socket: what is under way is lost, and both sides hear of it, each in its time. */
  void cut(String reason) {
    if (!cut) {
      cut = true;
      note(reason);
      fromDialer.end(reason);
      fromAcceptor.end(reason);
    }
  }

  /** Closes the socket in order: what was sent before still arrives. */
  void close(boolean byDialer) {
    time.at(pipe(byDialer).lastArrival(), () -> cut("the peer has closed the WebSocket"));
  }

  private SimulatedPipe pipe(boolean ofDialer) {
    return ofDialer ? fromDialer : fromAcceptor;
  }

  void note(String what) {
    if (log != null) {
      log.accept("network  #" + number + " " + what);
    }
  }
}
