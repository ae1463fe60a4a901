package io.culvert.engine;

import io.culvert.frame.ErrorCode;

/**
 * How a connection ended.
 *
 * @param code NO_ERROR or GOING_AWAY for an orderly end
 * @param reason for people; holds no secrets
 * @param byPeer whether the peer ended it
 * @param abortSocket whether the socket is of no use any more; else what {@link Engine#poll} still
 *     gives goes out first, then the WebSocket is closed
 */
public record EngineEnd(ErrorCode code, String reason, boolean byPeer, boolean abortSocket) {

  /** Whether the connection ended because somebody wanted it to. */
  public boolean orderly() {
    return code == ErrorCode.NO_ERROR || code == ErrorCode.GOING_AWAY;
  }
}
