// The document's schemas by their short names.
import type { Schemas } from './client.ts'

export type Message = Schemas['Message']
export type Channel = Schemas['Channel']
export type Workspace = Schemas['Workspace']
export type Member = Schemas['Member']
export type MemberProfile = Schemas['MemberProfile']
export type Profile = Schemas['Profile']
export type OwnProfile = Schemas['OwnProfile']
export type Region = Schemas['RegionList']['items'][number]
