package io.culvert.websocket;

/** Decides about each WebSocket upgrade before any state of a connection exists. */
@FunctionalInterface
public interface UpgradeHandler {

  /**
   * Called once for each upgrade request, on a thread of the library; must not block. An exception
   * is answered with status 500.
   */
  Upgrade onUpgrade(UpgradeRequest request);
}
