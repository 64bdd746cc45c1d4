import { mount } from 'svelte'
import App from './view/App.svelte'
import { app } from './view/app.svelte.ts'
import { words } from './view/i18n.svelte.ts'
import './view/tokens.css'

// Words first, so that nothing changes its language before the reader's eyes.
void words.start().then(() => {
  mount(App, { target: document.getElementById('app') as HTMLElement })
  void app.start()
})
