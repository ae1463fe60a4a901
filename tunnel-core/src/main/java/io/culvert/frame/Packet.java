package io.culvert.frame;

import java.util.List;

/**
 * One binary WebSocket message.
 *
 * @param ack the highest packet number that the sender has received; 0 for none
 * @param seq the packet's own number, from 1; 0 in a CTRL packet
 * @param frames at least one
 */
public record Packet(PacketKind kind, long ack, long seq, List<Frame> frames) {}
