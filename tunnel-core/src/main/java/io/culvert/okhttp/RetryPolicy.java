package io.culvert.okhttp;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * Which calls are sent again after the connection has failed them: those that provably did not
 * reach the service ({@link Delivered#NO}), and, of requests with an {@code Idempotency-Key}
 * header, also those of which nobody can tell ({@link Delivered#UNKNOWN}). Never one that was
 * answered, not even with a redirect or a part of a response; never one whose body can be sent only
 * once ({@link RequestBody#isOneShot}, {@link RequestBody#isDuplex}); and never after a timeout of
 * OkHttp, a {@code cancel()}, or a failure that is not the connection's.
 *
 * <p>Before each repetition the call's thread waits: at random up to {@code base}, then up to twice
 * as long each time, but never longer than {@code most}. The call's {@code callTimeout} goes on
 * meanwhile, and it or {@code cancel()} ends the wait. Each attempt has the connect timeout of the
 * client to itself.
 *
 * @param attempts how often a call is sent at most, the first time included; 1 repeats nothing
 * @param base bound of the first delay; zero: none
 * @param most bound of every delay
 */
public record RetryPolicy(int attempts, Duration base, Duration most) {
  /** The header whose presence says that the service carries the request out only once. */
  public static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  /** Repeats nothing. */
  public static final RetryPolicy OFF = new RetryPolicy(1, Duration.ZERO, Duration.ZERO);

  /** Three attempts; delays of up to 100 ms and 200 ms. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(3, Duration.ofMillis(100), Duration.ofSeconds(2));

  /** Checks the bounds. */
  public RetryPolicy {
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts must be at least 1, but is " + attempts);
    }
    if (base.isNegative() || most.compareTo(base) < 0) {
      throw new IllegalArgumentException(
          "expected 0 <= base <= most, but got " + base + ", " + most);
    }
  }

  /** The same, but with this number of attempts. */
  public RetryPolicy attempts(int count) {
    return new RetryPolicy(count, base, most);
  }

  /**
   * Whether the request may be sent again.
   *
   * @param sent how often it was sent
   */
  boolean allows(Request request, TunnelException failure, int sent) {
    RequestBody body = request.body();
    if (sent >= attempts || (body != null && (body.isOneShot() || body.isDuplex()))) {
      return false;
    }
    return switch (failure.delivered()) {
      case NO -> true;
      case UNKNOWN -> request.header(IDEMPOTENCY_KEY) != null;
      case YES -> false;
    };
  }

  /**
   * How long to wait, in nanoseconds.
   *
   * @param sent how often the request was sent, from 1
   */
  long delayNanos(int sent, RandomGenerator random) {
    long bound = base.toNanos();
    for (int i = 1; i < sent && bound < most.toNanos(); i++) {
      bound *= 2;
    }
    bound = Math.min(bound, most.toNanos());
    return bound == 0 ? 0 : random.nextLong(bound + 1);
  }
}
