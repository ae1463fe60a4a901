package io.culvert.relay.access;

import java.time.Clock;

/** What an entry of a token file allows, until it is revoked or expires. */
final class TokenGrant implements Grant {
  private final TokenFileFormat.Entry entry;
  private final Clock clock;
  private volatile boolean revoked;

  /** Only used by the thread of the file. */
  private boolean expiryTold;

  TokenGrant(TokenFileFormat.Entry entry, Clock clock) {
    this.entry = entry;
    this.clock = clock;
  }

  TokenFileFormat.Entry entry() {
    return entry;
  }

  void revoke() {
    revoked = true;
  }

  /** True once, at or after the time of expiry. */
  boolean expiredSinceLastAsked() {
    boolean news = !expiryTold && expired();
    expiryTold |= news;
    return news;
  }

  private boolean expired() {
    return entry.expires() != null && !clock.instant().isBefore(entry.expires());
  }

  @Override
  public String identity() {
    return entry.identity();
  }

  @Override
  public boolean allows(Scope wanted) {
    return !ended() && entry.scopes().stream().anyMatch(scope -> scope.covers(wanted));
  }

  @Override
  public boolean ended() {
    return revoked || expired();
  }

  @Override
  public String toString() {
    return "grant of " + entry.identity() + (ended() ? " (ended)" : "");
  }
}
