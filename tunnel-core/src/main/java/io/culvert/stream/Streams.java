package io.culvert.stream;

import io.culvert.frame.Attributes;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameWriter;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * All streams of one connection. Frames of the peer and calls of the application change state;
 * {@link #fill} writes what follows from it into a packet.
 */
public final class Streams {
  private final StreamLimits limits;
  private final StreamEvents events;
  private final Scheduler scheduler = new Scheduler();
  private final WindowTuner tuner;
  private final Map<Integer, Stream> active = new HashMap<>();
  private final int localParity;
  private final Scheduler.Progress progress = new SchedulerProgress();

  private int peerWindow;

  /** Streams that this side may open in all, and has opened. */
  private int localAllowed;

  private int localOpened;

  /** Streams that the peer may open in all, as last told; has opened; and may open if told now. */
  private int peerAllowed;

  private int peerOpened;
  private int peerEarned;

  /** Peer's streams above this id are refused. */
  private int lastAccepted = Integer.MAX_VALUE;

  private boolean acceptsStreams = true;

  /**
   * @param dialer whether this side dialed: its streams have odd ids, the acceptor's even ones
   */
  public Streams(boolean dialer, StreamLimits limits, StreamEvents events) {
    this.limits = limits;
    this.events = events;
    this.tuner = new WindowTuner(limits);
    this.localParity = dialer ? 1 : 0;
    this.peerAllowed = limits.streams();
    this.peerEarned = limits.streams();
  }

  /** What the peer grants to begin with, from the handshake. */
  public void peerParameters(int window, int streams) {
    peerWindow = window;
    localAllowed = streams;
  }

  // Frames of the peer.

  /** Takes an OPEN. */
  public void onOpen(Frame.Open frame) throws ProtocolException {
    int expected = idOf(peerOpened, 1 - localParity);
    if (frame.streamId() != expected) {
      throw new ProtocolException(
          "expected OPEN of stream " + expected + " but got " + frame.streamId());
    }
    if (peerOpened == peerAllowed) {
      throw new ProtocolException(
          ErrorCode.LIMIT_EXCEEDED, "only " + peerAllowed + " streams were granted so far");
    }
    peerOpened++;
    Stream stream =
        new Stream(frame.streamId(), false, frame.attributes(), peerWindow, limits.window());
    active.put(stream.id(), stream);
    if (!acceptsStreams || frame.streamId() > lastAccepted) {
      stream.unannounced = true;
      refuse(stream);
    } else {
      events.opened(stream);
    }
  }

  /** Takes a DATA. */
  public void onData(Frame.Data frame) throws ProtocolException {
    Stream stream = find(frame.streamId());
    if (stream == null) {
      return;
    }
    if (stream.finReceived) {
      throw new ProtocolException("DATA after FIN on stream " + stream.id());
    }
    stream.receiveWindow.received(frame.length());
    if (frame.length() > 0 && !stream.inputShut) {
      stream.incoming.appendReceived(frame.array(), frame.offset(), frame.length());
    }
    if (frame.fin()) {
      stream.finReceived = true;
      stream.state = stream.state.after(StreamState.Event.FIN_RECEIVED);
    }
    if (frame.fin() || frame.length() > 0) {
      events.readable(stream);
    }
    closeIfEnded(stream);
  }

  /** Takes a CREDIT. */
  public void onCredit(Frame.Credit frame) throws ProtocolException {
    Stream stream = find(frame.streamId());
    if (stream != null && stream.sendWindow.granted(frame.offset())) {
      scheduler.activate(stream);
    }
  }

  /** Takes a RESET. */
  public void onReset(Frame.Reset frame) throws ProtocolException {
    Stream stream = find(frame.streamId());
    if (stream != null) {
      fail(stream, frame.code(), true);
    }
  }

  /** Takes a STOP: what was not sent yet is dropped and FIN goes out instead. */
  public void onStop(Frame.Stop frame) throws ProtocolException {
    Stream stream = find(frame.streamId());
    if (stream == null || stream.outputStopped) {
      return;
    }
    stream.outputStopped = true;
    stream.discardOutgoing();
    stream.finQueued = true;
    // The output may have ended before, with bytes that were waiting for credit.
    scheduler.activate(stream);
    events.writable(stream);
  }

  /** Takes a STREAMS; an older or equal grant changes nothing. */
  public void onStreams(Frame.Streams frame) {
    if (frame.total() > localAllowed) {
      localAllowed = frame.total();
      events.mayOpen();
    }
  }

  /** The peer took none of this side's streams above {@code lastStreamId}. */
  public void onPeerTakesUpTo(int lastStreamId) {
    for (Stream stream : new ArrayList<>(active.values())) {
      if (stream.local() && stream.id() > lastStreamId) {
        fail(stream, ErrorCode.REFUSED, true);
      }
    }
  }

  // Calls of the application.

  /** Whether the peer's stream credit allows to open a stream. */
  public boolean mayOpen() {
    return localOpened < localAllowed && idOf(localOpened, localParity) > 0;
  }

  /** Whether all ids that a connection has are used up. */
  public boolean exhausted() {
    return idOf(localOpened, localParity) <= 0;
  }

  /**
   * Opens a stream.
   *
   * @throws IllegalStateException unless {@link #mayOpen}
   * @throws IllegalArgumentException if the attributes cannot be encoded or are larger than {@link
   *     Wire#MAX_ATTRIBUTES}
   */
  public Stream open(Map<String, String> attributes) {
    if (!mayOpen()) {
      throw new IllegalStateException("no credit to open a stream");
    }
    Map<String, String> checked = Attributes.copy(attributes, Wire.MAX_ATTRIBUTES);
    int id = idOf(localOpened++, localParity);
    Stream stream = new Stream(id, true, checked, peerWindow, limits.window());
    active.put(id, stream);
    scheduler.owe(stream, Stream.OWES_OPEN);
    return stream;
  }

  /**
   * Takes bytes for sending, as many as the send buffer has room for.
   *
   * @throws IllegalStateException if the output was shut down or the stream has failed
   */
  public int write(Stream stream, ByteBuffer source) {
    if (stream.finQueued || stream.failure != null) {
      throw new IllegalStateException("nothing more can be written to " + stream);
    }
    int taken = stream.outgoing.append(source, limits.sendBuffer() - stream.outgoing.size());
    scheduler.activate(stream);
    return taken;
  }

  /** Whether {@link #write} would take at least one byte. */
  public boolean hasRoom(Stream stream) {
    return stream.outgoing.size() < limits.sendBuffer();
  }

  /** Gives received bytes to the application, which makes room for the peer to send more. */
  public int read(Stream stream, ByteBuffer target, long now) {
    int count = stream.incoming.read(target);
    if (count > 0 && stream.state.receives()) {
      tuner.consumed(stream, count, now);
      if (stream.receiveWindow.consumed(count)) {
        scheduler.owe(stream, Stream.OWES_CREDIT);
      }
    }
    return count;
  }

  /** Ends this side's bytes: FIN follows what is queued. */
  public void finish(Stream stream) {
    if (!stream.finQueued && stream.failure == null) {
      stream.finQueued = true;
      scheduler.activate(stream);
    }
  }

  /** Ends reading: unread bytes are dropped and the peer is told. */
  public void stop(Stream stream) {
    if (stream.inputShut) {
      return;
    }
    stream.inputShut = true;
    stream.incoming.clear();
    if (stream.state.receives()) {
      scheduler.owe(stream, Stream.OWES_STOP);
    }
  }

  /** Ends both directions at once, if the stream has not ended. */
  public void reset(Stream stream, ErrorCode code) {
    if (stream.state != StreamState.CLOSED) {
      fail(stream, code, false);
      scheduler.owe(stream, Stream.OWES_RESET);
    }
  }

  /** Ends a stream of the peer that nobody has looked at: the peer may safely repeat it. */
  public void refuse(Stream stream) {
    reset(stream, ErrorCode.REFUSED);
    release(stream);
  }

  /**
   * The application is done with the stream. For a stream of the peer this, together with the
   * stream's end, earns the peer the right to open another one.
   */
  public void release(Stream stream) {
    if (!stream.released) {
      stream.released = true;
      earn(stream);
    }
  }

  // Ends.

  /** From here on the peer's streams are refused; returns the last id that was not. */
  public int acceptNoMore() {
    acceptsStreams = false;
    lastAccepted = Math.min(lastAccepted, Math.max(0, idOf(peerOpened - 1, 1 - localParity)));
    return lastAccepted;
  }

  /** The connection is over: every stream that has not ended fails. */
  public void failAll(ErrorCode code) {
    scheduler.clear();
    for (Stream stream : new ArrayList<>(active.values())) {
      fail(stream, code, false);
    }
    events.mayOpen();
  }

  /** The streams that have not ended on the wire. */
  public Collection<Stream> active() {
    return active.values();
  }

  /** How many streams the peer has opened so far. */
  public int peerOpened() {
    return peerOpened;
  }

  // Output.

  /** Whether {@link #fill} would write anything that should not wait for a packet to ride on. */
  public boolean hasWork() {
    return scheduler.hasWork() || streamsUrgent();
  }

  /**
   * Writes frames into a SEQ packet, as many as fit.
   *
   * @param packet its number
   */
  public void fill(FrameWriter out, long packet) {
    if (!scheduler.writeReplies(out)) {
      return;
    }
    if (peerEarned != peerAllowed && out.write(new Frame.Streams(peerEarned))) {
      peerAllowed = peerEarned;
    }
    scheduler.writeData(out, packet, progress);
  }

  /** Whether window tuning needs a round trip measured. */
  public boolean wantsProbe() {
    return tuner.wantsProbe();
  }

  /** A PING that measures the round trip goes out. */
  public void probeSent(long now) {
    tuner.probeSent(now);
  }

  /** It was lost with its socket. */
  public void probeLost() {
    tuner.probeLost();
  }

  /** Its PONG has come. */
  public void probeAnswered() {
    tuner.probeAnswered(stream -> scheduler.owe(stream, Stream.OWES_CREDIT));
  }

  /** A grant may ride on another packet until the peer has used up half of its credit. */
  private boolean streamsUrgent() {
    return peerEarned != peerAllowed && peerAllowed - peerOpened <= limits.streams() / 2;
  }

  /** The stream with that id; null if it has ended; a violation if it was never opened. */
  private Stream find(int id) throws ProtocolException {
    Stream stream = active.get(id);
    if (stream == null) {
      boolean local = (id & 1) == localParity;
      int opened = local ? localOpened : peerOpened;
      if (Integer.compareUnsigned(id, idOf(opened, id & 1)) >= 0) {
        throw new ProtocolException("stream " + id + " was never opened");
      }
    }
    return stream;
  }

  /** Ids of a side: odd 1, 3, 5 ... for the dialer; even 2, 4, 6 ... for the acceptor. */
  private static int idOf(int index, int parity) {
    return 2 * index + (parity == 1 ? 1 : 2);
  }

  private void fail(Stream stream, ErrorCode code, boolean byPeer) {
    stream.failure = code;
    stream.failedByPeer = byPeer;
    stream.discardOutgoing();
    if (!stream.finReceived) {
      stream.incoming.clear();
    }
    stream.state = stream.state.after(StreamState.Event.RESET);
    if (!stream.unannounced) {
      events.readable(stream);
      events.writable(stream);
    }
    closeIfEnded(stream);
  }

  /** Comes after the events of what ended the stream: closed is its last. */
  private void closeIfEnded(Stream stream) {
    if (stream.state == StreamState.CLOSED) {
      active.remove(stream.id());
      tuner.closed(stream);
      earn(stream);
      if (!stream.unannounced) {
        events.closed(stream);
      }
    }
  }

  private void earn(Stream stream) {
    if (!stream.local() && stream.released && stream.state == StreamState.CLOSED) {
      peerEarned++;
    }
  }

  private final class SchedulerProgress implements Scheduler.Progress {
    @Override
    public void finWritten(Stream stream) {
      stream.state = stream.state.after(StreamState.Event.FIN_SENT);
      closeIfEnded(stream);
    }

    @Override
    public void taken(Stream stream, int bytes) {
      int half = Math.max(1, limits.sendBuffer() / 2);
      int room = limits.sendBuffer() - stream.outgoing.size();
      if (room >= half && room - bytes < half) {
        events.writable(stream);
      }
    }
  }
}
