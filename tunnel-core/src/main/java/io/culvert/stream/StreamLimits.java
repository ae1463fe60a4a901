package io.culvert.stream;

/**
 * Bounds of the streams of one connection, in bytes unless said otherwise.
 *
 * @param window what the peer may send on each stream before this side's application reads
 * @param maxWindow how far tuning may widen one stream's window
 * @param growthBudget how far all windows together may grow beyond {@code window} each
 * @param sendBuffer what each stream holds of bytes that could not be sent yet
 * @param streams how many streams the peer may have open at once
 */
public record StreamLimits(
    int window, int maxWindow, long growthBudget, int sendBuffer, int streams) {

  /** 256 KiB windows growing to 16 MiB within 64 MiB; 64 KiB send buffers; 1,000 streams. */
  public static final StreamLimits DEFAULT =
      new StreamLimits(256 * 1024, 16 * 1024 * 1024, 64L * 1024 * 1024, 64 * 1024, 1000);

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if a bound is not positive (growthBudget may be 0), or
   *     maxWindow is below window
   */
  public StreamLimits {
    if (window <= 0 || sendBuffer <= 0 || streams <= 0 || growthBudget < 0) {
      throw new IllegalArgumentException("window, sendBuffer and streams must be positive");
    }
    if (maxWindow < window) {
      throw new IllegalArgumentException("maxWindow must be at least window, " + window);
    }
  }
}
