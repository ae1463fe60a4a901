package io.culvert.stream;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameWriter;
import java.util.ArrayDeque;

/**
 * Decides whose frames go into the next packet: small replies first, then data by deficit round
 * robin, streams that have just become active ahead of those that keep sending.
 */
final class Scheduler {
  /** Bytes that a stream may send before the next one has its turn. */
  static final int QUANTUM = 16 * 1024;

  /** A DATA frame shorter than this is not begun at the end of a packet while more is queued. */
  private static final int MIN_PIECE = 512;

  private final ArrayDeque<Stream> owing = new ArrayDeque<>();
  private final ArrayDeque<Stream> fresh = new ArrayDeque<>();
  private final ArrayDeque<Stream> steady = new ArrayDeque<>();

  /** Called when FIN was written, and when a send buffer got room. */
  interface Progress {
    void finWritten(Stream stream);

    void taken(Stream stream, int bytes);
  }

  void owe(Stream stream, int frame) {
    if (stream.owes == 0) {
      owing.add(stream);
    }
    stream.owes |= frame;
  }

  /** Queues the stream if it has something to send and is not queued yet. */
  void activate(Stream stream) {
    if (!stream.scheduled && stream.sendable()) {
      stream.scheduled = true;
      stream.deficit = QUANTUM;
      fresh.add(stream);
    }
  }

  boolean hasWork() {
    return !owing.isEmpty() || !fresh.isEmpty() || !steady.isEmpty();
  }

  void clear() {
    owing.clear();
    fresh.clear();
    steady.clear();
  }

  /** Writes small frames; returns whether all that were owed fitted. */
  boolean writeReplies(FrameWriter out) {
    Stream stream;
    while ((stream = owing.peek()) != null) {
      if (!writeReplies(stream, out)) {
        return false;
      }
      owing.remove();
      activate(stream);
    }
    return true;
  }

  private static boolean writeReplies(Stream stream, FrameWriter out) {
    if ((stream.owes & Stream.OWES_OPEN) != 0) {
      if (!out.write(new Frame.Open(stream.id(), stream.attributes()))) {
        return false;
      }
      stream.owes &= ~Stream.OWES_OPEN;
    }
    if ((stream.owes & Stream.OWES_RESET) != 0) {
      if (!out.write(new Frame.Reset(stream.id(), stream.failure))) {
        return false;
      }
      stream.owes = 0;
    }
    if ((stream.owes & Stream.OWES_STOP) != 0) {
      if (stream.state.receives() && !out.write(new Frame.Stop(stream.id(), ErrorCode.CANCELLED))) {
        return false;
      }
      stream.owes &= ~Stream.OWES_STOP;
    }
    if ((stream.owes & Stream.OWES_CREDIT) != 0) {
      if (stream.state.receives() && !out.credit(stream.id(), stream.receiveWindow.grant())) {
        return false;
      }
      stream.owes = 0;
    }
    return true;
  }

  void writeData(FrameWriter out, long packet, Progress progress) {
    Stream stream;
    while (out.space() >= 0 && (stream = next()) != null) {
      if (!stream.sendable()) {
        rest(stream);
        continue;
      }
      int wanted = Math.min(stream.outgoing.size(), stream.sendWindow.available());
      int length = Math.min(Math.min(wanted, stream.deficit), out.space());
      if (length < wanted && length < Math.min(MIN_PIECE, stream.deficit)) {
        return;
      }
      if (stream.firstPacket == 0) {
        stream.firstPacket = packet;
      }
      writePiece(stream, length, out, progress);
      stream.deficit -= length;
      if (!stream.sendable()) {
        rest(stream);
      } else if (stream.deficit <= 0) {
        queueOf(stream).remove();
        stream.deficit = QUANTUM;
        steady.add(stream);
      }
    }
  }

  private static void writePiece(Stream stream, int length, FrameWriter out, Progress progress) {
    boolean fin = stream.finQueued && length == stream.outgoing.size();
    int place = out.data(stream.id(), length, fin);
    stream.takeOutgoing(out.array(), place, length);
    if (length > 0) {
      progress.taken(stream, length);
    }
    if (fin) {
      progress.finWritten(stream);
    }
  }

  private Stream next() {
    Stream stream = fresh.peek();
    return stream != null ? stream : steady.peek();
  }

  private ArrayDeque<Stream> queueOf(Stream head) {
    return fresh.peek() == head ? fresh : steady;
  }

  /**
   * Takes a stream that cannot send now off the front. A fresh one waits one more round among the
   * steady ones: else a writer that refills its buffer in time would be fresh for ever, and starve
   * them.
   */
  private void rest(Stream head) {
    if (fresh.peek() == head) {
      fresh.remove();
      if (!steady.isEmpty()) {
        head.deficit = QUANTUM;
        steady.add(head);
        return;
      }
    } else {
      steady.remove();
    }
    head.scheduled = false;
  }
}
