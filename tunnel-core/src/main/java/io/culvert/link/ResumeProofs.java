package io.culvert.link;

import io.culvert.frame.Frame;
import io.culvert.frame.Wire;
import java.util.random.RandomGenerator;

/**
 * The proofs of RESUME, RESUMED and CONFIRM. Each attempt has an epoch that is higher than all
 * before, and nonces of its own: what was sent once is of no use a second time.
 */
public final class ResumeProofs {
  private final RandomGenerator random;
  private final byte[] id;
  private final byte[] secret;

  /** Of the newest attempt; the first socket's is 1. */
  private int epoch = 1;

  private byte[] dialerNonce;
  private byte[] acceptorNonce;

  /** For a link whose id and secret are known. */
  ResumeProofs(RandomGenerator random, byte[] id, byte[] secret) {
    this.random = random;
    this.id = id;
    this.secret = secret;
  }

  /**
   * Dialer, step 1: a new attempt.
   *
   * @param received the highest number received; the old socket must be fenced
   */
  public Frame.Resume ask(long received) {
    epoch++;
    dialerNonce = nonce();
    acceptorNonce = null;
    byte[] proof = Proofs.resume(secret, id, epoch, received, dialerNonce);
    return new Frame.Resume(id, epoch, received, dialerNonce, proof);
  }

  /** Acceptor: whether this is a new attempt of one who knows the secret. Changes nothing. */
  public boolean admits(Frame.Resume frame) {
    byte[] expected = Proofs.resume(secret, id, frame.epoch(), frame.received(), frame.nonce());
    return Proofs.matches(expected, frame.proof()) && frame.epoch() > epoch;
  }

  /**
   * Acceptor, step 2: the answer to an attempt that was admitted.
   *
   * @param received the highest number received; the old socket must be fenced
   */
  public Frame.Resumed answer(Frame.Resume frame, long received) {
    epoch = frame.epoch();
    dialerNonce = frame.nonce();
    acceptorNonce = nonce();
    byte[] proof = Proofs.resumed(secret, id, epoch, received, dialerNonce, acceptorNonce);
    return new Frame.Resumed(epoch, received, acceptorNonce, proof);
  }

  /** Dialer: whether this answers the newest attempt, by one who knows the secret. */
  public boolean proves(Frame.Resumed frame) {
    byte[] expected =
        Proofs.resumed(secret, id, epoch, frame.received(), dialerNonce, frame.nonce());
    return Proofs.matches(expected, frame.proof()) && frame.epoch() == epoch;
  }

  /** Dialer, step 3: confirms an answer that was proved. */
  public Frame.Confirm confirm(Frame.Resumed frame) {
    acceptorNonce = frame.nonce();
    return new Frame.Confirm(Proofs.confirm(secret, id, dialerNonce, acceptorNonce));
  }

  /** Acceptor: whether step 3 is of the newest attempt, by one who knows the secret. */
  public boolean proves(Frame.Confirm frame) {
    return Proofs.matches(Proofs.confirm(secret, id, dialerNonce, acceptorNonce), frame.proof());
  }

  private byte[] nonce() {
    byte[] nonce = new byte[Wire.SECRET_BYTES];
    random.nextBytes(nonce);
    return nonce;
  }
}
