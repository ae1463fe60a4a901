package io.culvert.connection;

/**
 * What happened to the WebSockets of one or more connections so far.
 *
 * @param cuts how often a connection lost its WebSocket and was kept
 * @param resumes how often one got another WebSocket
 * @param replayedPackets packets that were to be sent again
 * @param replayedBytes the bytes of these
 * @param expired connections that ended because they got none in time
 */
public record LinkStatistics(
    long cuts, long resumes, long replayedPackets, long replayedBytes, long expired) {
  /** Nothing happened, or nothing can. */
  public static final LinkStatistics NONE = new LinkStatistics(0, 0, 0, 0, 0);
}
