package io.culvert.okhttp;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;

/**
 * Where one HTTP/1.1 exchange begins in its stream, in bytes of each direction. A pooled stream has
 * carried other exchanges before, so what it says about itself says nothing about this one.
 */
record ExchangeMark(long written, long received) {

  /**
   * A failure of the stream as a failure of the exchange.
   *
   * @param stream null if it was never opened
   * @param mark null if the stream may carry several exchanges at once, or TLS: then a byte that
   *     came from the peer proves nothing, and only a stream of which nothing was handed over does
   */
  static TunnelException explain(TunnelException failure, TunnelStream stream, ExchangeMark mark) {
    Delivered delivered = failure.delivered();
    if (delivered == Delivered.NO || failure.code() == ErrorCode.REFUSED || stream == null) {
      delivered = Delivered.NO;
    } else if (mark == null) {
      delivered = Delivered.UNKNOWN;
    } else {
      delivered = mark.delivered(stream);
    }
    String what =
        failure.code() == ErrorCode.REFUSED
            ? "the peer refused the call: it serves nothing now"
            : "the tunnel stream failed";
    // A new exception even when nothing changes: each call gets a stack trace of its own.
    return new TunnelException(failure.code(), delivered, what, failure);
  }

  private Delivered delivered(TunnelStream stream) {
    if (stream.bytesReceived() > received) {
      return Delivered.YES;
    }
    long handedOver = stream.bytesWritten() - stream.unsentBytes();
    return handedOver <= written ? Delivered.NO : Delivered.UNKNOWN;
  }
}
