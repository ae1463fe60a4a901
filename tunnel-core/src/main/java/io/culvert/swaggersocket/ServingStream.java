package io.culvert.swaggersocket;

import io.culvert.frame.ErrorCode;

/**
 * The side that serves: each {@link #endMessage} makes a message of what was written before; what
 * is longer than one may be goes out in several.
 */
final class ServingStream extends SwaggerStream {
  private final int partBytes;

  ServingStream(SwaggerDriver driver, int id, int maxMessageBytes) {
    super(driver, id);
    this.partBytes = Math.min(maxMessageBytes, SwaggerOutput.IN_FLIGHT);
  }

  @Override
  boolean full() {
    return room() <= 0;
  }

  private int room() {
    return Math.min(partBytes, driver.output().room()) - gathered.size();
  }

  @Override
  int takes(int wanted) {
    return Math.max(0, Math.min(room(), wanted));
  }

  @Override
  void taken() {
    if (gathered.size() == partBytes) {
      sendGathered();
    }
  }

  private void sendGathered() {
    if (gathered.size() > 0 && driver.end() == null) {
      driver.output().add(gathered.take(), this);
    }
  }

  @Override
  void beforeRead() {}

  @Override
  void outputEnds() {
    sendGathered();
  }

  @Override
  public void endMessage() {
    driver.lock().lock();
    try {
      sendGathered();
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void endExchange() {
    driver.lock().lock();
    try {
      sendGathered();
      driver.exchanges().answered();
      // After "Connection: close" the library waits for an end that the peer cannot send.
      endInputWithOutput();
      wakeReaders();
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public boolean stalled() {
    return driver.locked(() -> driver.end() == null && full());
  }

  @Override
  void ends(ErrorCode code) {
    if (code == ErrorCode.NO_ERROR) {
      sendGathered();
    } else {
      gathered.clear();
    }
    // What nobody looked at would only be handed over again.
    boolean broken = driver.exchanges().answering() || !hasRead();
    if (broken && code == ErrorCode.REFUSED) {
      driver.endHere(code, "a request was refused: this side serves nothing now");
    } else if (broken) {
      driver.endHere(
          ErrorCode.INTERNAL_ERROR,
          "a request was not answered to the end, and swaggersocket cannot say so but by ending"
              + " the connection");
    }
    driver.exchanges().released(this);
  }
}
