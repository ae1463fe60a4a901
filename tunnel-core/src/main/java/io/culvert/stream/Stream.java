package io.culvert.stream;

import io.culvert.frame.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * One stream's state. All changes go through {@link Streams}; the rest of the engine only looks.
 */
public final class Stream {
  /** Frames that are owed to the peer: state bits, not queued frames. */
  static final int OWES_OPEN = 1;

  static final int OWES_CREDIT = 2;
  static final int OWES_STOP = 4;
  static final int OWES_RESET = 8;

  final ByteQueue outgoing = new ByteQueue();
  final ByteQueue incoming = new ByteQueue();
  final SendWindow sendWindow;
  final ReceiveWindow receiveWindow;

  StreamState state = StreamState.OPEN;

  /** Frames owed; the stream is in the scheduler's reply queue while this is not 0. */
  int owes;

  /** No more bytes may be written; FIN follows what is queued. */
  boolean finQueued;

  boolean finReceived;

  /** This side reads no more: bytes that still come are dropped. */
  boolean inputShut;

  /** The peer reads no more. */
  boolean outputStopped;

  /** The peer's stream was refused before anybody heard of it: it has no events. */
  boolean unannounced;

  /** The application is done with the stream. */
  boolean released;

  /** The number of the packet with the stream's first byte, or its FIN; 0 while there is none. */
  long firstPacket;

  /** Why the stream was cut short; null while it was not. */
  ErrorCode failure;

  boolean failedByPeer;

  /** Bytes of {@link #outgoing} that were dropped: proof that they were never handed out. */
  int discarded;

  /** Whether the stream stands in one of the scheduler's data queues. */
  boolean scheduled;

  int deficit;

  /** Bytes read by the application that made a round-trip probe due, and during it. */
  int consumedInProbe;

  /** How far {@link #receiveWindow} has grown beyond its start. */
  int growth;

  private final int id;
  private final boolean local;
  private final Map<String, String> attributes;
  private Object owner;

  Stream(int id, boolean local, Map<String, String> attributes, int sendWindow, int receiveWindow) {
    this.id = id;
    this.local = local;
    this.attributes = attributes;
    this.sendWindow = new SendWindow(sendWindow);
    this.receiveWindow = new ReceiveWindow(receiveWindow);
  }

  /** The id on the wire. */
  public int id() {
    return id;
  }

  /** Whether this side opened the stream. */
  public boolean local() {
    return local;
  }

  /** What the opener said about the stream; unmodifiable. */
  public Map<String, String> attributes() {
    return attributes;
  }

  /** Which directions are open on the wire. */
  public StreamState state() {
    return state;
  }

  /** Bytes that can be read now. */
  public int readable() {
    return incoming.size();
  }

  /** Bytes written that were not handed to a socket and still may be. */
  public int unsent() {
    return outgoing.size();
  }

  /** Bytes written that were not handed to a socket, also those that never will be. */
  public int neverHandedOut() {
    return outgoing.size() + discarded;
  }

  /** Whether more was written than the peer has granted. */
  public boolean stalled() {
    return outgoing.size() > sendWindow.available();
  }

  /** Whether all of the peer's bytes have arrived. */
  public boolean finReceived() {
    return finReceived;
  }

  /** Whether this side has said that it reads no more. */
  public boolean inputShut() {
    return inputShut;
  }

  /** Whether this side's bytes have ended: nothing more may be written. */
  public boolean outputShut() {
    return finQueued;
  }

  /** Whether the peer has said that it reads no more. */
  public boolean outputStopped() {
    return outputStopped;
  }

  /** Why the stream was cut short; null while it was not. */
  public ErrorCode failure() {
    return failure;
  }

  /** Whether {@link #failure} came from the peer. */
  public boolean failedByPeer() {
    return failedByPeer;
  }

  /** The number of the packet that has this side's first byte, or its FIN; 0: none has. */
  public long firstPacket() {
    return firstPacket;
  }

  /** Whether a byte of the peer has arrived. */
  public boolean answered() {
    return receiveWindow.receivedTotal() > 0;
  }

  /** Bytes received from the peer in all. */
  public long received() {
    return receiveWindow.receivedTotal();
  }

  /** The current receive window in bytes. */
  public int window() {
    return receiveWindow.window();
  }

  /** The object that whoever drives the engine keeps beside the stream. */
  public Object owner() {
    return owner;
  }

  /** Sets {@link #owner}. */
  public void owner(Object value) {
    owner = value;
  }

  /** Whether there is something to send that flow control allows. */
  boolean sendable() {
    if (!state.sends() || (owes & OWES_OPEN) != 0) {
      return false;
    }
    return outgoing.isEmpty() ? finQueued : sendWindow.available() > 0;
  }

  /** Drops what was not handed out. */
  void discardOutgoing() {
    discarded += outgoing.size();
    outgoing.clear();
  }

  /** Moves payload into a packet. */
  void takeOutgoing(byte[] target, int offset, int length) {
    outgoing.read(ByteBuffer.wrap(target, offset, length));
    sendWindow.sent(length);
  }

  @Override
  public String toString() {
    return "stream " + id + " " + state + (failure == null ? "" : " " + failure);
  }
}
