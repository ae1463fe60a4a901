package io.culvert.swaggersocket;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The side that calls: what it writes is gathered, and goes out as one message when it begins to
 * read.
 */
final class CallingStream extends SwaggerStream {
  private final int maxMessageBytes;

  /** A request was sent, or waits to be, and its response is not over. */
  private boolean underWay;

  /** More was written than fits into a message: this stream sends nothing any more. */
  private boolean overflowed;

  CallingStream(SwaggerDriver driver, int id, int maxMessageBytes) {
    super(driver, id);
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Lock held: whether the peer owes a response. */
  boolean underWay() {
    return underWay;
  }

  /** Lock held: whether nothing would be lost if the connection ended now. */
  boolean pooled() {
    return hasWritten() && !underWay && gathered.size() == 0;
  }

  @Override
  boolean full() {
    return false;
  }

  @Override
  int takes(int wanted) throws IOException {
    if (wanted > maxMessageBytes - gathered.size()) {
      overflowed = true;
      gathered.clear();
    }
    checkSize();
    return wanted;
  }

  @Override
  void taken() {}

  private void checkSize() throws TunnelException {
    if (overflowed) {
      throw new TunnelException(
          ErrorCode.LIMIT_EXCEEDED,
          Delivered.NO,
          "swaggersocket carries a request as one message, and this one is longer than "
              + maxMessageBytes
              + " bytes: raise the limit of message bytes, here and at the peer",
          null);
    }
  }

  @Override
  void beforeRead() throws IOException {
    checkSize();
    if (gathered.size() > 0 && driver.end() == null) {
      ByteBuffer request = gathered.take();
      underWay = true;
      driver.output().add(request, this);
    }
  }

  @Override
  void outputEnds() {
    try {
      beforeRead();
    } catch (IOException e) {
      gathered.clear(); // a read says why
    }
  }

  /** Does nothing: a request goes out when its response is waited for. */
  @Override
  public void endMessage() {}

  @Override
  public void endExchange() {
    driver.lock().lock();
    try {
      if (underWay) {
        underWay = false;
        driver.exchanges().responseEnded();
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public boolean stalled() {
    return false;
  }

  @Override
  void ends(ErrorCode code) {
    gathered.clear();
    boolean nothingSent = driver.output().withdraw(this);
    boolean broken = underWay && !nothingSent;
    underWay = false;
    if (broken) {
      driver.endHere(
          ErrorCode.CANCELLED,
          "a call was given up before its response was read to the end, and swaggersocket cannot"
              + " skip the rest; read responses to their end, or give calls more time");
    }
    driver.exchanges().released(this);
  }
}
