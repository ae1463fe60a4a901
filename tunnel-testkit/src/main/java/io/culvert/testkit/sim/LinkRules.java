package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;
import static io.culvert.testkit.sim.VirtualTime.SECONDS;

import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.link.LinkState;

/** In which order a link may have its events, and for what it may end. */
final class LinkRules {
  /** Timers fire this much late. */
  private static final long LATE = VirtualTime.MILLIS;

  private final Side side;
  private final VirtualTime time;

  /** Acceptor: whether a dialer may know the link, and resume it. */
  private boolean welcomed;

  /** The events have said that there is no socket, and not yet that there is one again. */
  private boolean lost;

  /** The link has lost its socket, whether the events have said so or not. */
  private boolean down;

  private long downSince;

  /** The newest socket that was lost; 0: none yet. */
  private int lostSocket;

  LinkRules(Side side, VirtualTime time) {
    this.side = side;
    this.time = time;
  }

  /** Acceptor: the link has an id. */
  void welcoming() {
    check(!welcomed, "%s: two ids", side);
    welcomed = true;
  }

  /** How long a link of this side without a socket is kept; 0: not at all. */
  private long resumeTime() {
    long own = side.config().resumeTime();
    long ofPeer = (side.peer().config().resumeTime() + SECONDS - 1) / SECONDS * SECONDS;
    return side.dialer() ? Math.min(own, ofPeer) : own;
  }

  /** Whether the link outlives its socket now. */
  private boolean keepsLink() {
    return resumeTime() > 0 && (side.isEstablished() || welcomed);
  }

  /** A socket begins to carry the link: another that does so falls silent. */
  void taken() {
    down();
  }

  private void down() {
    if (!down) {
      down = true;
      downSince = time.now();
    }
  }

  void established() {
    down = false;
    inState(LinkState.ATTACHED);
    checkNotHostile();
  }

  void detached() {
    inState(LinkState.DETACHED);
    check(!lost, "%s: detached twice", side);
    lose();
  }

  /** Without {@link #detached} before it a move has failed. */
  void resumeFailed() {
    inState(LinkState.DETACHED);
    lose();
  }

  private void lose() {
    check(keepsLink(), "%s: detached, but its link ends with its socket", side);
    lost = true;
    lostSocket = side.driver().socket().number();
    down();
  }

  void resumed(long outageNanos, int packets, long bytes) {
    inState(LinkState.ATTACHED);
    checkNotHostile();
    int socket = side.driver().socket().number();
    check(socket > lostSocket, "%s: resumed on a socket that it had lost", side);
    long expected = time.now() - downSince;
    check(outageNanos == expected, "%s: an outage of %d, not %d ns", side, outageNanos, expected);
    check((packets == 0) == (bytes == 0), "%s: %d packets of %d bytes", side, packets, bytes);
    lost = false;
    down = false;
  }

  private void inState(LinkState expected) {
    LinkState state = side.driver().engine().state();
    check(state == expected, "%s: an event of %s while %s", side, expected, state);
  }

  private void checkNotHostile() {
    check(!side.driver().socket().hostile(), "%s: attached to whoever has copied bytes", side);
  }

  void ended(EngineEnd how) {
    check(justified(how), "%s: ended without reason: %s", side, how);
  }

  private boolean justified(EngineEnd how) {
    Side peer = side.peer();
    if (how.byPeer() && how.code() == ErrorCode.UNKNOWN_CONNECTION) {
      return side.dialer() && peer.over();
    }
    if (how.byPeer() && how.code() != ErrorCode.CONNECTION_LOST) {
      return peer.end() != null && !peer.end().byPeer() && peer.end().code() == how.code();
    }
    EngineConfig config = side.config();
    return switch (how.code()) {
      case NO_ERROR, GOING_AWAY, ABORTED, INTERNAL_ERROR -> how.code() == side.closedWith();
      case CONNECTION_LOST -> mayBeLost();
      case HEARTBEAT_TIMEOUT ->
          !keepsLink()
              && time.now() - side.driver().lastArrival()
                  >= config.heartbeatIdle() + config.heartbeatTimeout();
      case HANDSHAKE_TIMEOUT ->
          !keepsLink() && time.now() - side.startedAt() >= config.handshakeTimeout();
      default -> false;
    };
  }

  private boolean mayBeLost() {
    if (!keepsLink()) {
      return true;
    }
    boolean complete = side.isEstablished() && side.peer().isEstablished();
    boolean survives = complete && !side.peer().over() && side.scenario().survives();
    check(!survives, "%s: a link was lost that could have been resumed", side);
    // What was never confirmed is kept for one handshake more.
    long kept = side.isEstablished() ? resumeTime() : side.config().handshakeTimeout();
    check(time.now() - downSince + LATE >= kept, "%s: the link was not kept for long enough", side);
    return true;
  }
}
