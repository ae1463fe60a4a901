package io.culvert.engine;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameWriter;
import io.culvert.frame.Wire;
import java.util.function.IntSupplier;

/**
 * GOAWAY in two steps. The first says that no new streams are wanted; streams that the peer opened
 * before it heard so are still taken. When the peer has acknowledged it, everything opened before
 * has arrived, and the second names the last stream that was taken.
 */
final class Drain {
  private enum Step {
    NONE,
    ANNOUNCE,
    ANNOUNCED,
    DECIDE,
    DECIDED
  }

  private final IntSupplier acceptNoMore;
  private Step step = Step.NONE;
  private String reason = "";
  private long announcedIn;

  /**
   * @param acceptNoMore refuses further streams and gives the last id that was taken
   */
  Drain(IntSupplier acceptNoMore) {
    this.acceptNoMore = acceptNoMore;
  }

  void start(String why) {
    if (step == Step.NONE) {
      step = Step.ANNOUNCE;
      reason = why;
    }
  }

  boolean started() {
    return step != Step.NONE;
  }

  boolean hasWork() {
    return step == Step.ANNOUNCE || step == Step.DECIDE;
  }

  void fill(FrameWriter out, long packetNumber) {
    if (step == Step.ANNOUNCE && write(out, Wire.UNDECIDED)) {
      step = Step.ANNOUNCED;
      announcedIn = packetNumber;
    } else if (step == Step.DECIDE && write(out, acceptNoMore.getAsInt())) {
      step = Step.DECIDED;
    }
  }

  void acknowledged(long number) {
    if (step == Step.ANNOUNCED && number >= announcedIn) {
      step = Step.DECIDE;
    }
  }

  private boolean write(FrameWriter out, int lastStreamId) {
    return out.write(new Frame.GoAway(lastStreamId, ErrorCode.GOING_AWAY, reason));
  }
}
