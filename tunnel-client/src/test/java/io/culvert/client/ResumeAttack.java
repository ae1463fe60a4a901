package io.culvert.client;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Wire;
import io.culvert.testkit.ScriptedPeer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What one does who was faster than the dialer with the dialer's own RESUME. */
enum ResumeAttack {
  REPLAYED_CONFIRM {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().raw(wiretap.taps().get(1).sent(Frame.Confirm.class).clone());
    }
  },
  FIRST_CONFIRM {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().raw(wiretap.taps().get(0).sent(Frame.Confirm.class).clone());
    }
  },
  WRONG_CONFIRM {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().ctrl(new Frame.Confirm(new byte[Wire.SECRET_BYTES]));
    }
  },
  SEQ {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      long next = 1 + wiretap.lastOfDialer();
      peer.script().packet(PacketKind.SEQ, 0, next, new Frame.Open(1_001, Map.of()));
    }
  },
  ACK {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().packet(PacketKind.CTRL, wiretap.lastOfAcceptor(), 0, new Frame.Ack());
    }
  },
  IGNORED_FRAME_WITH_AN_ACK {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      byte[] frame = ScriptedPeer.rawFrame(0x7e, Wire.FLAG_IGNORABLE, 0, new byte[1]);
      ByteBuffer packet = ByteBuffer.allocate(Wire.PACKET_HEADER + frame.length);
      packet.putInt(0).putLong(wiretap.lastOfAcceptor()).putLong(0).put(frame);
      peer.script().raw(packet.array()); // this alone is no offence
      peer.script().ctrl(new Frame.Confirm(new byte[Wire.SECRET_BYTES]));
    }
  },
  CLOSE {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().ctrl(new Frame.Close(ErrorCode.NO_ERROR, "bye"));
    }
  },
  REJECT {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().ctrl(new Frame.Reject(ErrorCode.UNKNOWN_CONNECTION, "bye"));
    }
  },
  HELLO {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().hello(1, 1, Map.of());
    }
  },
  THE_SAME_AGAIN {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().raw(wiretap.newest().sent(Frame.Resume.class).clone());
    }
  },
  TEXT {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.socket().sendText(StandardCharsets.UTF_8.encode("hi"), failure -> {});
    }
  },
  NO_PACKET {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().raw(new byte[3]);
    }
  },
  TOO_LONG {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.script().raw(new byte[Wire.MAX_PACKET + 1]);
    }
  },
  WEBSOCKET_CLOSE {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.socket().close(1000, "");
    }
  },
  ABORT {
    @Override
    void play(Wiretap wiretap, HostilePeer peer) {
      peer.socket().abort();
    }
  };

  /**
   * Does it.
   *
   * @param wiretap on the dialer, whose newest WebSocket was to bring the RESUME
   * @param peer has sent the RESUME and got RESUMED
   */
  abstract void play(Wiretap wiretap, HostilePeer peer);
}
