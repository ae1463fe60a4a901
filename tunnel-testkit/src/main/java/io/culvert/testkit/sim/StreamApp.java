package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.frame.ErrorCode;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamState;
import io.culvert.testkit.sim.StreamPlan.ReadEnd;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * The application at one end of a stream. Once it would have to wait it acts only when an event
 * wakes it, so an event that the engine forgets shows as a stall.
 */
final class StreamApp {
  private final Side side;
  private final Stream stream;
  private final StreamPlan plan;
  private final SplittableRandom random;
  private final Content outgoing;
  private final Content incoming;
  private final byte[] buffer;

  private long written;
  private long read;
  private boolean writerWaits;
  private boolean readerWaits;
  private boolean writerDone;
  private boolean readerDone;
  private boolean readerHalted;
  private boolean writerHalted;
  private boolean stopped;
  private boolean finished;
  private boolean closedSeen;
  private boolean released;
  private boolean toldToEnd;

  /** It has failed, and no byte of it can have arrived. */
  private boolean neverArrived;

  /** Why this end reset the stream; null if it did not. */
  private ErrorCode resetWith;

  StreamApp(Side side, Stream stream, StreamPlan plan, SplittableRandom random) {
    this.side = side;
    this.stream = stream;
    this.plan = plan;
    this.random = random;
    this.outgoing = new Content(stream.id(), side.dialer());
    this.incoming = new Content(stream.id(), !side.dialer());
    this.buffer = new byte[plan.maxRead()];
  }

  void start() {
    side.soon(this::begin);
  }

  private void begin() {
    if (!stream.local() && plan.refuse()) {
      resetWith = ErrorCode.REFUSED;
      side.call(engine -> engine.streams().refuse(stream));
      writerDone = true;
      readerDone = true;
      released = true;
    } else {
      read();
      write();
    }
  }

  // Writing.

  private void write() {
    while (!writerDone) {
      if (stream.failure() != null || stream.outputShut()) {
        check(!stream.outputStopped() || peerStopped(), "%s: STOP that the peer did not ask", this);
        writerEnded();
      } else if (written == plan.total()) {
        endWriting();
        return;
      } else if (!writePiece()) {
        return;
      }
    }
  }

  private boolean writePiece() {
    int wanted = (int) Math.min(plan.total() - written, random.nextInt(1, plan.maxWrite() + 1));
    ByteBuffer piece = outgoing.piece(written, wanted);
    int taken = side.get(engine -> engine.streams().write(stream, piece));
    written += taken;
    int bound = side.sendBuffer();
    check(stream.unsent() <= bound, "%s: %d unsent", this, stream.unsent());
    if (taken < wanted) {
      // The packet that made room may have gone out within the call above.
      writerWaits = !side.get(engine -> engine.streams().hasRoom(stream));
      return !writerWaits;
    }
    if (plan.writePause() > 0) {
      side.after(random.nextLong(plan.writePause()), this::write);
      return false;
    }
    return true;
  }

  private void endWriting() {
    switch (plan.writeEnd()) {
      case FIN -> {
        finish();
        writerEnded();
      }
      case RESET -> reset();
      case CLOSE -> close();
      case NEVER -> {
        // Whoever waits for more waits with good reason, until the clean-up.
        writerHalted = true;
        writerWaits = true;
      }
    }
  }

  // Reading.

  private void read() {
    while (!readerDone) {
      if (read >= plan.readLimit() && plan.readEnd() != ReadEnd.NOTHING && !toldToEnd) {
        endReading();
        return;
      }
      int count =
          side.get(e -> e.streams().read(stream, ByteBuffer.wrap(buffer), side.time().now()));
      if (count > 0) {
        int wrong = incoming.mismatch(buffer, count, read);
        check(wrong < 0, "%s: byte %d is not what was written", this, read + wrong);
        read += count;
        if (plan.readPause() > 0) {
          side.after(random.nextLong(plan.readPause()), this::read);
          return;
        }
      } else if (stream.finReceived()) {
        checkComplete();
        readerEnded();
      } else if (stream.failure() != null) {
        readerEnded();
      } else {
        readerWaits = true;
        return;
      }
    }
  }

  private void endReading() {
    switch (plan.readEnd()) {
      case HALT -> readerHalted = true;
      case STOP -> {
        stop();
        readerEnded();
      }
      case RESET -> reset();
      case NOTHING -> throw new AssertionError("reads to the end");
    }
  }

  /** The end of the bytes means all bytes. */
  private void checkComplete() {
    StreamApp peer = peer();
    check(peer.finished || peer.stream.outputStopped(), "%s: FIN that nobody sent", this);
    check(
        read == peer.written || stopped,
        "%s: the end after %d of %d bytes",
        this,
        read,
        peer.written);
  }

  // Ends.

  private void finish() {
    finished = true;
    side.call(engine -> engine.streams().finish(stream));
  }

  private void stop() {
    stopped = true;
    side.call(engine -> engine.streams().stop(stream));
  }

  private void close() {
    finish();
    stop();
    writerEnded();
    readerEnded();
  }

  private void reset() {
    if (stream.state() != StreamState.CLOSED) {
      resetWith = random.nextBoolean() ? ErrorCode.CANCELLED : ErrorCode.INTERNAL_ERROR;
      ErrorCode code = resetWith;
      side.call(engine -> engine.streams().reset(stream, code));
    }
    writerEnded();
    readerEnded();
  }

  /** The end of all waiting: gets a stream out of the way that its plan would leave open. */
  void end() {
    if (readerDone && writerDone) {
      return;
    }
    toldToEnd = true;
    switch (random.nextInt(3)) {
      case 0 -> reset();
      case 1 -> close();
      default -> {
        finish();
        writerEnded();
        read();
      }
    }
  }

  private void writerEnded() {
    writerDone = true;
    releaseWhenDone();
  }

  private void readerEnded() {
    readerDone = true;
    releaseWhenDone();
  }

  private void releaseWhenDone() {
    if (writerDone && readerDone && !released) {
      released = true;
      side.after(plan.handlerTime(), () -> side.call(e -> e.streams().release(stream)));
    }
  }

  // Events; the engine is in the middle of a change.

  void onReadable() {
    check(!closedSeen, "%s: readable after closed", this);
    check(
        stream.readable() > 0
            || stream.finReceived()
            || stream.failure() != null
            || stream.inputShut(),
        "%s: readable, but a read would wait",
        this);
    if (readerWaits) {
      readerWaits = false;
      side.soon(this::read);
    }
  }

  void onWritable() {
    check(!closedSeen, "%s: writable after closed", this);
    if (writerWaits) {
      writerWaits = false;
      side.soon(this::write);
    }
  }

  void onClosed() {
    check(!closedSeen, "%s: closed twice", this);
    check(stream.state() == StreamState.CLOSED, "%s: closed, but still %s", this, stream.state());
    closedSeen = true;
    check(stream.unsent() == 0, "%s: ended with %d unsent", this, stream.unsent());
    if (stream.failure() == null) {
      check(stream.finReceived() && stream.outputShut(), "%s: closed without both FINs", this);
    } else {
      check(stream.finReceived() || stream.readable() == 0, "%s: failed, but readable", this);
      boolean byPeer = stream.failedByPeer();
      check(failureJustified(), "%s: nobody has done that; by peer: %s", this, byPeer);
      neverArrived = !side.driver().engine().mayHaveArrived(stream);
      checkNeverArrived();
    }
  }

  private boolean failureJustified() {
    ErrorCode code = stream.failure();
    if (!stream.failedByPeer()) {
      return code == resetWith || side.endedWith(code);
    }
    StreamApp peer = peer();
    boolean refused = code == ErrorCode.REFUSED && stream.local() && side.peer().drained();
    return refused || (peer != null && code == peer.resetWith);
  }

  private boolean peerStopped() {
    StreamApp peer = peer();
    return peer != null && peer.stopped;
  }

  private StreamApp peer() {
    return side.peer().app(stream.id());
  }

  // What must hold when nothing happens any more.

  /** Nobody waits for something that ought to have come. */
  void checkNotStalled() {
    StreamApp peer = peer();
    if (peer == null) {
      check(stream.failure() != null, "%s: never arrived", this);
      return;
    }
    check(closedSeen || !done() || !peer.done(), "%s: has not ended", this);
    check(writerDone || writerHalted || peer.readerHalted, "%s: the writer is stuck", this);
    if (!readerDone && !readerHalted) {
      check(peer.writerHalted && !peer.writerDone, "%s: the reader is stuck", this);
      check(read == peer.plan.total(), "%s: read %d of %d", this, read, peer.plan.total());
    }
  }

  private boolean done() {
    return writerDone && readerDone;
  }

  /** Of a stream that has failed as never delivered the peer has seen nothing, and never will. */
  void checkNeverArrived() {
    StreamApp peer = peer();
    if (neverArrived && peer != null) {
      boolean seen = peer.stream.received() > 0 || peer.stream.finReceived();
      check(!seen, "%s: said not to have arrived, but %s has", this, peer);
    }
  }

  void checkGone() {
    check(closedSeen, "%s: has not ended", this);
    check(done() && released, "%s: the application was not told", this);
  }

  /** Whether the stream has ended and the application is done with it. */
  boolean gone() {
    return closedSeen && released;
  }

  /** Whether everything was written and read to its end. */
  boolean complete() {
    return gone() && stream.failure() == null && read == peer().written;
  }

  int window() {
    return stream.window();
  }

  boolean released() {
    return released;
  }

  boolean local() {
    return stream.local();
  }

  @Override
  public String toString() {
    return side + " " + stream;
  }
}
