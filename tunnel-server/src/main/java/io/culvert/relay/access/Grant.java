package io.culvert.relay.access;

/** What a credential that was shown stands for, now: it may be revoked at any time. Thread-safe. */
public interface Grant {

  /** Whose it is: the owner of the names that are served with it. Never the credential itself. */
  String identity();

  /** Whether it allows this now: false for everything once it is revoked or has expired. */
  boolean allows(Scope wanted);

  /** Whether it was revoked or has expired. */
  boolean ended();
}
