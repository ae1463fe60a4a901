package io.culvert.connection;

/**
 * Where one exchange begins in its stream, in bytes of each direction. A pooled stream has carried
 * other exchanges before, so what it says about itself says nothing about this one.
 *
 * @param written how many bytes this side had written
 * @param received how many bytes had come from the peer
 * @param alone whether the stream carries no other exchange until this one is over: HTTP/1.1. If
 *     not, bytes that come from the peer after the mark prove nothing
 */
public record ExchangeMark(long written, long received, boolean alone) {

  /** An exchange begins now: nothing of it has been written. */
  public static ExchangeMark of(TunnelStream stream, boolean alone) {
    return new ExchangeMark(stream.bytesWritten(), stream.bytesReceived(), alone);
  }

  /**
   * What became of the exchange.
   *
   * @param broken why the stream was cut short; null if it was not: then what was written may still
   *     go out
   */
  public Delivered delivered(TunnelStream stream, TunnelException broken) {
    if (alone && stream.bytesReceived() > received) {
      return Delivered.YES;
    }
    if (broken != null && broken.delivered() == Delivered.NO) {
      return Delivered.NO; // nor was anything before it
    }
    long mayLeave = stream.bytesWritten() - (broken == null ? 0 : stream.unsentBytes());
    return mayLeave <= written ? Delivered.NO : Delivered.UNKNOWN;
  }
}
