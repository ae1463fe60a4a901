package io.culvert.link;

import io.culvert.frame.Attributes;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import java.util.HexFormat;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What both sides learn in HELLO, WELCOME and CONFIRM. The acceptor's connection exists only from
 * CONFIRM on: without the third step a lost WELCOME would leave an orphan.
 */
public final class Handshake {
  private final RandomGenerator random;
  private Map<String, String> metadata = Map.of();
  private byte[] dialerNonce;
  private byte[] acceptorNonce;
  private byte[] id;
  private byte[] secret;
  private int peerWindow;
  private int peerStreams;
  private ResumeProofs resumeProofs;

  /**
   * @param random unpredictable in production, seeded in simulations
   */
  public Handshake(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Dialer, step 1.
   *
   * @throws IllegalArgumentException if the metadata cannot be encoded or is larger than a packet
   */
  public Frame.Hello hello(int window, int streams, Map<String, String> dialerMetadata) {
    metadata = Attributes.copy(dialerMetadata, Wire.MAX_METADATA);
    dialerNonce = randomBytes(Wire.SECRET_BYTES);
    return new Frame.Hello(Wire.VERSION, window, streams, dialerNonce, metadata);
  }

  /**
   * Acceptor, step 2.
   *
   * @param resumeSeconds how long this side keeps the connection without a WebSocket; 0: not
   * @throws ProtocolException with the code for a REJECT
   */
  public Frame.Welcome welcome(
      Frame.Hello hello, int window, int streams, int resumeSeconds, int metadataLimit)
      throws ProtocolException {
    if (hello.version() != Wire.VERSION) {
      throw new ProtocolException(
          ErrorCode.UNSUPPORTED_VERSION,
          "the dialer speaks version " + hello.version() + ", the acceptor " + Wire.VERSION);
    }
    int size = Attributes.encode(hello.metadata(), Wire.MAX_PACKET).length;
    if (size > metadataLimit) {
      throw new ProtocolException(
          ErrorCode.METADATA_TOO_LARGE,
          "the metadata has " + size + " bytes; the acceptor takes " + metadataLimit);
    }
    metadata = hello.metadata();
    dialerNonce = hello.nonce();
    peerWindow = hello.window();
    peerStreams = hello.streams();
    id = randomBytes(Wire.ID_BYTES);
    secret = randomBytes(Wire.SECRET_BYTES);
    acceptorNonce = randomBytes(Wire.SECRET_BYTES);
    resumeProofs = new ResumeProofs(random, id, secret);
    return new Frame.Welcome(
        Wire.VERSION, window, streams, resumeSeconds, id, secret, acceptorNonce);
  }

  /** Dialer, step 3. */
  public Frame.Confirm confirm(Frame.Welcome welcome) {
    id = welcome.connectionId();
    secret = welcome.secret();
    acceptorNonce = welcome.nonce();
    peerWindow = welcome.window();
    peerStreams = welcome.streams();
    resumeProofs = new ResumeProofs(random, id, secret);
    return new Frame.Confirm(proof());
  }

  /** Acceptor: checks step 3. */
  public void confirmed(Frame.Confirm confirm) throws ProtocolException {
    if (!Proofs.matches(proof(), confirm.proof())) {
      throw new ProtocolException("the dialer's CONFIRM does not prove the secret of its WELCOME");
    }
  }

  /** The proofs for resuming. Known from step 2 on. */
  public ResumeProofs resumeProofs() {
    return resumeProofs;
  }

  /** The connection id as text: 32 lower-case hexadecimal digits. Known from step 2 on. */
  public String connectionId() {
    return HexFormat.of().formatHex(id);
  }

  /** What the dialer said about itself; unmodifiable. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Bytes that this side may send on each stream before the first CREDIT. */
  public int peerWindow() {
    return peerWindow;
  }

  /** Streams that this side may open before the first STREAMS. */
  public int peerStreams() {
    return peerStreams;
  }

  private byte[] proof() {
    return Proofs.confirm(secret, id, dialerNonce, acceptorNonce);
  }

  private byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
