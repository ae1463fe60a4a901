package io.culvert.jetty;

import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;

/**
 * Joins two end points byte for byte, in both directions at once, without a thread of its own.
 *
 * <p>Each direction has its own end, which is passed on as an end. A failure of one side fails the
 * other: a socket by RST, a stream by RESET. A stream whose peer has given it up closes the other
 * side at once, whether bytes are under way or not. A socket that takes no more bytes is still read
 * to its end, so that an answer which came too early is not lost.
 *
 * <p>A direction that has nothing to pass on holds no buffer, else at most {@link #BUFFER_BYTES};
 * it reads no more before the other side has taken them. Nothing times out: idle timeouts of both
 * end points are switched off. Thread-safe once it is started; until then its maker's.
 */
public final class Splice {
  /** The most bytes of one direction that were read and not yet taken by the other side. */
  public static final int BUFFER_BYTES = 32 << 10;

  /** How long the other side of a stream that was closed may go without taking the last bytes. */
  private static final long LINGER_MILLIS = 1_000;

  /** One of the two end points. */
  public enum Side {
    LEFT,
    RIGHT;

    /** The other one. */
    public Side other() {
      return this == LEFT ? RIGHT : LEFT;
    }
  }

  /**
   * How a splice has ended.
   *
   * @param toRight bytes that the right side has taken
   * @param toLeft bytes that the left side has taken
   * @param failure what cut it short; null if both directions have come to their end
   * @param failed the side whose failure that was; null if {@code failure} is, or if it was the
   *     application's ({@link Splice#abort})
   */
  public record Outcome(long toRight, long toLeft, Throwable failure, Side failed) {}

  private final EndPoint left;
  private final EndPoint right;
  private final SplicePipe toRight;
  private final SplicePipe toLeft;
  private Consumer<Outcome> beforeFailure = outcome -> {};
  private Consumer<Outcome> onEnd = outcome -> {};

  /** The stream that its peer has closed in order, with bytes that are still under way. */
  private volatile Side closing;

  /** Guarded by this: the outcome is decided. */
  private boolean over;

  private Splice(EndPoint left, EndPoint right, ByteBufferPool pool) {
    this.left = left;
    this.right = right;
    toRight = new SplicePipe(this, pool, left, right, Side.LEFT);
    toLeft = new SplicePipe(this, pool, right, left, Side.RIGHT);
  }

  /**
   * A splice that does nothing yet. From {@link #start} on it owns both end points: nobody else
   * reads, writes or closes them.
   */
  public static Splice between(EndPoint left, EndPoint right, ByteBufferPool pool) {
    return new Splice(
        Objects.requireNonNull(left, "left"), Objects.requireNonNull(right, "right"), pool);
  }

  /**
   * Bytes that were read from a side already and come before what it will send; may be empty. They
   * must not change before the end.
   */
  public Splice alreadyRead(Side from, ByteBuffer bytes) {
    (from == Side.LEFT ? toRight : toLeft).first(bytes.slice());
    return this;
  }

  /**
   * Called if the splice fails, before its end points are failed: the chance to reset a stream with
   * the code that tells why. Otherwise a stream passes on the code of another one that its peer has
   * reset, else it says {@link ErrorCode#CANCELLED}. Must not block.
   */
  public Splice beforeFailure(Consumer<Outcome> consumer) {
    beforeFailure = Objects.requireNonNull(consumer, "consumer");
    return this;
  }

  /** Called exactly once, when both end points are closed. Must not block. */
  public Splice onEnd(Consumer<Outcome> consumer) {
    onEnd = Objects.requireNonNull(consumer, "consumer");
    return this;
  }

  /** Begins. To be called once. */
  public void start() {
    left.setIdleTimeout(0);
    right.setIdleTimeout(0);
    toRight.iterate();
    toLeft.iterate();
    watch(Side.LEFT);
    watch(Side.RIGHT);
  }

  /** Fails both sides now; without effect on a splice that has ended. */
  public void abort(Throwable cause) {
    fail(null, Objects.requireNonNull(cause, "cause"));
  }

  private void watch(Side side) {
    if (endPoint(side) instanceof StreamEndPoint stream) {
      stream.whenGivenUp(() -> givenUp(side));
    }
  }

  /** The peer of this stream reads no more, or the stream has failed. */
  private void givenUp(Side side) {
    TunnelStream stream = ((StreamEndPoint) endPoint(side)).stream();
    TunnelException failure = stream.failure();
    if (failure != null) {
      fail(side, failure);
    } else if (!stream.finReceived()) {
      fail(side, new EofException("the peer has given up"));
    } else {
      // It was closed in order: what had come before is not to be lost, nor to wait for long.
      closing = side;
      endPoint(side.other()).setIdleTimeout(LINGER_MILLIS);
      if (pipe(side).ended()) {
        end();
      }
    }
  }

  /** Everything that came from this side has been passed on; what follows is the end. */
  void ended(Side from) {
    endPoint(from.other()).shutdownOutput();
    SplicePipe back = pipe(from.other());
    if (back.ended() || closing == from) {
      end();
    } else if (back.sinkFailure() != null) {
      sinkEnded(from, back.sinkFailure());
    }
  }

  /** This side cannot be read. */
  void sourceFailed(Side from, Throwable failure) {
    fail(from, reason(failure));
  }

  /** This side takes no more bytes. */
  void sinkFailed(Side to, Throwable failure) {
    if (endPoint(to) instanceof StreamEndPoint) {
      givenUp(to);
    } else if (closing != null) {
      fail(to, failure);
    } else {
      readToTheEnd(to, failure);
    }
  }

  private void readToTheEnd(Side side, Throwable failure) {
    if (!pipe(side).ended()) {
      pipe(side).sourceTakesNoMore();
    }
    if (pipe(side).ended()) {
      sinkEnded(side, failure);
    }
  }

  /** This side, which takes no more bytes, has been read to its end. */
  private void sinkEnded(Side side, Throwable failure) {
    if (pipe(side).answeredAfterSinkFailure()) {
      end();
    } else {
      fail(side, failure);
    }
  }

  private void end() {
    if (decide()) {
      left.close();
      right.close();
      onEnd.accept(outcome(null, null));
    }
  }

  private void fail(Side failed, Throwable failure) {
    if (!decide()) {
      return;
    }
    Outcome outcome = outcome(failure, failed);
    try {
      beforeFailure.accept(outcome);
    } finally {
      if (failed != null) {
        passOn(failure, endPoint(failed.other()));
      }
      EndPoints.abort(left, failure);
      EndPoints.abort(right, failure);
      onEnd.accept(outcome(failure, failed));
    }
  }

  /** The code of a stream that its peer has reset goes on to the next one. */
  private static void passOn(Throwable failure, EndPoint endPoint) {
    if (failure instanceof TunnelException reset && endPoint instanceof StreamEndPoint stream) {
      stream.stream().reset(reset.code() == ErrorCode.UNKNOWN ? ErrorCode.CANCELLED : reset.code());
    }
  }

  private synchronized boolean decide() {
    boolean first = !over;
    over = true;
    return first;
  }

  private Outcome outcome(Throwable failure, Side failed) {
    return new Outcome(toRight.taken(), toLeft.taken(), failure, failed);
  }

  private EndPoint endPoint(Side side) {
    return side == Side.LEFT ? left : right;
  }

  /** The direction that begins at that side. */
  private SplicePipe pipe(Side from) {
    return from == Side.LEFT ? toRight : toLeft;
  }

  /** What a failure of an end point of Jetty's says about the stream below. */
  static Throwable reason(Throwable failure) {
    return failure instanceof EofException && failure.getCause() instanceof IOException cause
        ? cause
        : failure;
  }
}
