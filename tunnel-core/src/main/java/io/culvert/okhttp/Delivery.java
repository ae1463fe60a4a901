package io.culvert.okhttp;

import io.culvert.connection.Delivered;
import io.culvert.connection.ExchangeMark;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;

/**
 * What became of the request of one call, and so what its failures say. The call's events feed it,
 * one at a time; thread-safe.
 */
final class Delivery {
  /** What a stream had carried when the exchange began; the stream's bytes are the exchange's. */
  private record Began(TunnelStream stream, ExchangeMark mark) {}

  /** The request may have been written: without it no byte of it exists. */
  private volatile boolean begun;

  /** A response has come, be it one that was followed up, such as a redirect. */
  private volatile boolean answered;

  /** Null before, and for a stream that carries TLS. */
  private volatile Began began;

  /**
   * Headers of a request are about to be written.
   *
   * @param stream null if it is not known, or its bytes are encrypted
   * @param alone see {@link ExchangeMark#alone}
   */
  void begin(TunnelStream stream, boolean alone) {
    began = stream == null ? null : new Began(stream, ExchangeMark.of(stream, alone));
    begun = true;
  }

  /** The headers of a response have been read. */
  void answer() {
    answered = true;
  }

  /** The request is sent anew, because it has not arrived or may arrive twice. */
  void repeat() {
    begun = false;
    began = null;
  }

  /**
   * A failure of the call as it is to be reported. What the connection has caused becomes a {@link
   * TunnelException} that speaks of this call; anything else stays as it is.
   *
   * @param cancelled whether the caller, or the time limit of the call, has ended it
   */
  IOException explain(IOException failure, boolean cancelled) {
    TunnelException told = told(failure);
    if (isTimeout(failure, told) || (cancelled && told == null)) {
      return failure;
    }
    Began exchange = began;
    TunnelException broken = exchange == null ? null : exchange.stream.failure();
    TunnelException reason = broken == null ? told : broken;
    if (reason != null) {
      return failure(reason, delivered(exchange, broken), failure);
    }
    if (exchange != null && !answered && exchange.stream.finReceived()) {
      return new TunnelException(
          ErrorCode.CANCELLED,
          delivered(exchange, null),
          "the peer has ended the stream instead of answering",
          failure);
    }
    return failure;
  }

  /** A timeout or an interrupt, except that of a call that waited for a stream. */
  private static boolean isTimeout(IOException failure, TunnelException told) {
    return failure instanceof InterruptedIOException
        && !(failure instanceof SocketTimeoutException && told != null);
  }

  private static TunnelException told(IOException failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof TunnelException)) {
      cause = cause.getCause();
    }
    return (TunnelException) cause;
  }

  private static TunnelException failure(
      TunnelException reason, Delivered delivered, IOException failure) {
    // An exception of HTTP/2 may be that of other calls too: each gets its own.
    return new TunnelException(reason.code(), delivered, reason.reason(), failure);
  }

  private Delivered delivered(Began exchange, TunnelException broken) {
    if (answered) {
      return Delivered.YES;
    }
    if (!begun) {
      return Delivered.NO;
    }
    return exchange == null ? Delivered.UNKNOWN : exchange.mark.delivered(exchange.stream, broken);
  }
}
