package io.culvert.testkit;

import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;

class JavaBlockingWebSocketTest extends BlockingWebSocketThreadsContract {
  @Override
  protected WebSocketDialer dialer() {
    return new JavaWebSocketDialer();
  }
}
